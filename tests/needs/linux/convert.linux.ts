// A data file of an earlier version on its way to this one: kill -9 at any moment, and a disk without room.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '../../suites/store-contract.ts'
import { writeEarlierFile } from '../../support/earlier-file.ts'
import { runToEnd, startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { buildService } from './built-service.ts'
import { amount } from './form.ts'
import { createLedger, documentOf, type Ledger } from './ledger.ts'
import { noSmallDisk, smallDisk } from './small-disk.ts'

const command = buildService()
const folder = temporaryFolder()
const count = 30_000

/** A file of version 2 with documents that the ledger knows. */
function writeFile(file: string, ledger: Ledger): void {
  const keys = Array.from({ length: count }, (_, n) => `k${n}`)
  for (const key of keys) ledger.acknowledge(key, key)
  writeEarlierFile(
    file,
    2,
    keys.map((key) => encode({ _id: key, ...documentOf(key) })),
  )
}

function remove(file: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
}

async function expectAll(file: string, ledger: Ledger): Promise<void> {
  const service = await startProcess({ DATA_FILE: file }, command)
  const { documents } = await ledger.check(service.base)
  assert.equal(documents, ledger.size)
  service.signal('SIGTERM')
  assert.equal(await service.exited, 0)
}

describe('a data file of an earlier version', () => {
  const original = join(folder, 'original.db')
  const file = join(folder, 'killed.db')
  const ledger = createLedger()
  before(() => writeFile(original, ledger))

  it('loses nothing to kill -9 while it is converted', async (t) => {
    copyFileSync(original, file)
    const begun = performance.now()
    const first = await startProcess({ DATA_FILE: file }, command)
    const whole = performance.now() - begun
    first.signal('SIGKILL')
    await first.exited
    let cut = 0
    for (let round = amount('KILLS_CONVERT', 60, 6); round > 0; round--) {
      remove(file)
      copyFileSync(original, file)
      // Some are killed again while they are at it again.
      for (let times = 1 + (round % 3); times > 0; times--) {
        const env = { PATH: process.env.PATH, PORT: '0', DATA_FILE: file }
        const [program = '', ...args] = command
        const child = spawn(program, args, { env, stdio: 'ignore' })
        const ended = once(child, 'exit')
        await sleep(Math.random() * whole)
        child.kill('SIGKILL')
        await ended
        if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 1 << 20) cut++
      }
      await expectAll(file, ledger)
    }
    t.diagnostic(`${cut} times the log had a part of it`)
    assert.ok(cut > 0, 'none was killed in the middle')
  })

  describe('on a small disk', { skip: noSmallDisk, timeout: 120_000 }, () => {
    it('is left as it is if there is no room, and says how much it needs', async () => {
      const kib = Math.ceil(statSync(original).size / 1024)
      const disk = smallDisk(kib + 2000)
      const small = join(disk.folder, 'small.db')
      copyFileSync(original, small)
      const refused = await runToEnd({ DATA_FILE: small, PORT: '0' }, command)
      assert.equal(refused.code, 1)
      assert.match(
        refused.stderr,
        /small\.db cannot be used: it is of an earlier version and is converted once, for which its disk needs \d+ MiB of room and has \d+\./,
      )
      disk.resize(3 * kib)
      await expectAll(small, ledger)
    })

    it('is left as it is if the disk fills up midway', async () => {
      // As JSON they have six times the bytes, which nobody can tell before.
      const documents = Array.from({ length: 3000 }, (_, n) =>
        encode({ _id: `c${n}`, text: '\u0001'.repeat(1000) }),
      )
      const disk = smallDisk(14_000)
      const full = join(disk.folder, 'full.db')
      writeEarlierFile(full, 2, documents)
      const refused = await runToEnd({ DATA_FILE: full, PORT: '0' }, command)
      assert.equal(refused.code, 1)
      assert.match(refused.stderr, /full\.db cannot be used: The disk is full\./)
      disk.resize(100_000)
      const service = await startProcess({ DATA_FILE: full }, command)
      const answer = await fetch(`${service.base}/data`)
      assert.deepEqual(
        await answer.json(),
        documents
          .map(({ id }) => ({ _id: id, text: '\u0001'.repeat(1000) }))
          .sort((a, b) => (a._id < b._id ? -1 : 1)),
      )
      service.signal('SIGTERM')
      assert.equal(await service.exited, 0)
    })
  })
})
