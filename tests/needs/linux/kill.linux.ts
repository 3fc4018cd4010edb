// kill -9 of the service at random moments under 64 writers: acknowledged is kept, whole and once.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Mongod, noMongod, startMongod, testUser } from '../../support/mongod.ts'
import { startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { buildService } from './built-service.ts'
import { amount } from './form.ts'
import { createWriters } from './writers.ts'

const folder = temporaryFolder()
const command = buildService()
// All documents are read every N rounds and at the end; what each writer wrote last, every time.
const roundsBetweenChecks = 100

async function killAgainAndAgain(
  t: TestContext,
  rounds: number,
  settings: Record<string, string>,
): Promise<void> {
  const writers = createWriters()
  const startedAt = performance.now()
  for (let round = 1; round <= rounds; round++) {
    const service = await startProcess(settings, command)
    // A store that still connects would answer the first writes with 503.
    while ((await fetch(`${service.base}/readyz`)).status !== 200) await sleep(10)
    if (round > 1) await writers.settle(service.port)
    const writing = writers.writeUntilCut(service.port)
    await Promise.race([writing, sleep(20 + Math.random() * 280)])
    service.signal('SIGKILL')
    await writing
    assert.equal(await service.exited, 'SIGKILL')
    if (round % roundsBetweenChecks !== 0 && round !== rounds) continue
    const again = await startProcess(settings, command)
    while ((await fetch(`${again.base}/readyz`)).status !== 200) await sleep(10)
    await writers.settle(again.port)
    const { documents, unanswered } = await writers.ledger.check(again.base)
    again.signal('SIGTERM')
    assert.equal(await again.exited, 0)
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    t.diagnostic(
      `${round} kills in ${seconds} s: ${writers.ledger.size} acknowledged, 0 missing, ` +
        `${documents} there, ${unanswered} of them without an answer, ${writers.cut} requests cut`,
    )
  }
  assert.ok(writers.ledger.size > rounds, 'too few documents to say anything')
  assert.ok(writers.cut > rounds, 'too few requests were cut to say anything')
}

describe('a service that is killed under 64 writers', () => {
  it('keeps on SQLite what it acknowledged, whole and once', async (t) => {
    const DATA_FILE = join(folder, 'killed.db')
    await killAgainAndAgain(t, amount('KILLS_SQLITE', 1000, 15), { DATA_FILE })
  })

  describe('on MongoDB', { skip: noMongod() ?? false }, () => {
    let mongod: Mongod
    before(async () => {
      mongod = await startMongod()
    })
    after(() => mongod.remove())

    it('keeps what it acknowledged, whole and once', async (t) => {
      const { name: USER_NAME, password: USER_PWD } = testUser
      const settings = { DB_URL: mongod.address, USER_NAME, USER_PWD }
      await killAgainAndAgain(t, amount('KILLS_MONGO', 100, 5), settings)
    })
  })
})
