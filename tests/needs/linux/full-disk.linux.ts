// The embedded store on a disk that is full or may only be read: 507 or a refused start, nothing lost.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { client } from '../../support/client.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { buildService } from './built-service.ts'
import { type KeepAlive, keepAlive } from './keep-alive.ts'
import { createLedger, documentOf, type Ledger } from './ledger.ts'
import { noSmallDisk, smallDisk } from './small-disk.ts'

const command = buildService()

/** Writes from 16 connections until each has had its first refusal. The bodies of those. */
async function fill(port: number, ledger: Ledger, run: string): Promise<string[]> {
  const one = async (writer: number) => {
    const api = await keepAlive(port)
    for (let n = 0; ; n++) {
      const key = `${run}-${writer}-${n}`
      const { status, text } = await post(api, key)
      if (status === 201) ledger.acknowledge(key, key)
      else {
        api.close()
        assert.equal(status, 507, text)
        return text
      }
    }
  }
  return Promise.all(Array.from({ length: 16 }, (_, writer) => one(writer)))
}

const post = (api: KeepAlive, key: string) =>
  api.send('POST', '/data', JSON.stringify({ _id: key, ...documentOf(key) }))

async function expectServing(service: ServiceProcess, ledger: Ledger): Promise<void> {
  const api = client(service.base)
  assert.equal((await api.get('/livez')).status, 200)
  await ledger.check(service.base)
}

describe('the embedded store on a small disk', { skip: noSmallDisk, timeout: 120_000 }, () => {
  it('answers 507 while the disk is full, reads, and writes again once there is room', async (t) => {
    const disk = smallDisk(3000)
    const ledger = createLedger()
    const service = await startProcess({ DATA_FILE: join(disk.folder, 'full.db') }, command)
    for (const [round, size] of [6000, 9000, 30_000].entries()) {
      const refusals = await fill(service.port, ledger, `round-${round}`)
      for (const text of refusals) assert.equal(JSON.parse(text).code, 'store_full', text)
      await expectServing(service, ledger)
      disk.resize(size)
      const api = await keepAlive(service.port)
      const key = `behind-${round}`
      assert.equal((await post(api, key)).status, 201)
      ledger.acknowledge(key, key)
      api.close()
    }
    await expectServing(service, ledger)
    t.diagnostic(`${ledger.size} documents acknowledged, on a disk that was full three times`)
    service.signal('SIGTERM')
    assert.equal(await service.exited, 0)
  })

  it('keeps what it acknowledged if it is killed on the full disk', async (t) => {
    const disk = smallDisk(3000)
    const ledger = createLedger()
    const DATA_FILE = join(disk.folder, 'killed.db')
    const service = await startProcess({ DATA_FILE }, command)
    await fill(service.port, ledger, 'first')
    service.signal('SIGKILL')
    await service.exited
    const full = await startProcess({ DATA_FILE }, command).catch(String)
    if (typeof full === 'string') {
      assert.match(full, /with 1: The data file .*killed\.db cannot be used: .*(full|written)/)
    } else {
      await expectServing(full, ledger)
      full.signal('SIGKILL')
      await full.exited
    }
    t.diagnostic(`on the full disk the start ${typeof full === 'string' ? full : 'works'}`)
    disk.resize(30_000)
    const again = await startProcess({ DATA_FILE }, command)
    await expectServing(again, ledger)
    again.signal('SIGTERM')
    assert.equal(await again.exited, 0)
  })

  it('does not start in a folder or on a file that may only be read, and names it', async () => {
    const disk = smallDisk(3000)
    const other = smallDisk(3000)
    const made = await startProcess({ DATA_FILE: join(other.folder, 'made.db') }, command)
    const ledger = createLedger()
    const api = await keepAlive(made.port)
    assert.equal((await post(api, 'kept')).status, 201)
    ledger.acknowledge('kept', 'kept')
    made.signal('SIGTERM')
    await made.exited
    cpSync(join(other.folder, 'made.db'), join(disk.folder, 'made.db'))
    disk.readOnly()
    for (const name of ['made.db', 'new.db', 'new/folder.db']) {
      const DATA_FILE = join(disk.folder, name)
      const message = await startProcess({ DATA_FILE }, command).then(
        () => 'it started',
        (error: unknown) => String(error),
      )
      assert.ok(message.includes(`with 1: The data file ${DATA_FILE} cannot be used: `), message)
      assert.match(message, /cannot be (opened or )?written/)
    }
  })
})
