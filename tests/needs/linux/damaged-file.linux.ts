// Torn and damaged files of the embedded store: refused with a clear message, or all that the damage
// left is served. Never another document than the one that was written.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { runToEnd } from '../../support/service-process.ts'
import { buildService } from './built-service.ts'
import {
  copyOriginal,
  damaged,
  flip,
  log,
  logIndex,
  serveDamaged,
  type Written,
  writeOriginal,
} from './damage.ts'
import { amount } from './form.ts'

const command = buildService()
const places = amount('DAMAGES', 150, 6)

describe('a damaged file of the embedded store', () => {
  let written: readonly Written[]
  let logBytes: number
  before(async () => {
    written = await writeOriginal(command)
    logBytes = Math.max(...written.map((document) => document.logBytes))
  })
  const outcome = () => serveDamaged(command, written)
  // What the log holds up to here, and what the database file alone holds.
  const upTo = (bytes: number) => written.filter((document) => document.logBytes <= bytes)
  async function expectServed(expected: readonly Written[], message = ''): Promise<void> {
    const served = await outcome()
    assert.ok(served !== 'refused', message)
    const missing = expected.filter(({ key }) => !served.whole.has(key))
    assert.deepEqual(missing, [], message)
  }

  it('is whole before the damage', async () => {
    copyOriginal()
    await expectServed(written)
    copyOriginal({ withIndex: false })
    await expectServed(written)
  })

  it('refuses a log that was cut', async () => {
    for (let n = 0; n < places; n++) {
      const at = randomInt(logBytes)
      copyOriginal()
      truncateSync(log, at)
      assert.equal(await outcome(), 'refused', `cut at ${at}`)
    }
  })

  it('serves what is left of a log that was cut if its index is lost too', async () => {
    for (let n = 0; n < places; n++) {
      const at = randomInt(logBytes)
      copyOriginal({ withIndex: false })
      truncateSync(log, at)
      await expectServed(upTo(at), `cut at ${at}`)
    }
  })

  it('refuses a log with a flipped bit', async () => {
    for (let n = 0; n < places; n++) {
      const at = randomInt(logBytes)
      copyOriginal()
      flip(log, at)
      assert.equal(await outcome(), 'refused', `flipped at ${at}`)
    }
  })

  it('refuses it without the index too, or serves all but the last transaction', async (t) => {
    let refused = 0
    for (let n = 0; n < places; n++) {
      const at = randomInt(logBytes)
      copyOriginal({ withIndex: false })
      flip(log, at)
      const served = await outcome()
      if (served === 'refused') refused++
      else assert.ok(served.absent.length <= 10, `flipped at ${at}: ${served.absent}`)
    }
    t.diagnostic(`${refused} of ${places} refused`)
  })

  it('goes on without the lost documents as its message says', async () => {
    copyOriginal()
    const at = Math.floor(logBytes / 2)
    flip(log, at)
    const { stderr } = await runToEnd({ DATA_FILE: damaged, PORT: '0' }, command)
    const [, end] = /shorten the log to (\d+) bytes/.exec(stderr) ?? []
    assert.ok(end, stderr)
    rmSync(logIndex)
    truncateSync(log, Number(end))
    assert.ok(Number(end) <= at && upTo(at).length > upTo(0).length)
    await expectServed(upTo(at))
  })

  it('refuses a flipped bit of the database, or shows no document that is not whole', async (t) => {
    const counts = { refused: 0, unavailable: 0, absent: 0, harmless: 0 }
    const inDatabase = upTo(0)
    for (let n = 0; n < places; n++) {
      copyOriginal()
      flip(damaged, randomInt(statSync(damaged).size))
      const served = await serveDamaged(command, inDatabase)
      if (served === 'refused') counts.refused++
      else if (served.unavailable.length > 0) counts.unavailable++
      else if (served.absent.length > 0) counts.absent++
      else counts.harmless++
    }
    t.diagnostic(`${places} flipped bits: ${JSON.stringify(counts)}`)
    assert.ok(counts.refused + counts.unavailable > 0)
  })

  it('refuses a database that was cut, or one that is something else', async () => {
    for (let n = 0; n < places; n++) {
      copyOriginal({ withLog: false })
      const { size } = statSync(damaged)
      // Within the last page too: SQLite fills that with zeros.
      const at = randomInt(n % 2 === 0 ? 1 : size - 8192, size)
      truncateSync(damaged, at)
      assert.equal(await outcome(), 'refused', `cut at ${at} of ${size}`)
    }
    copyOriginal({ withLog: false })
    writeFileSync(damaged, 'this is no database '.repeat(1000))
    assert.equal(await outcome(), 'refused')
  })
})
