// The database goes away and comes back: clear answers meanwhile, nothing acknowledged is lost.
import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, client } from '../../support/client.ts'
import { type Mongod, startMongod, testUser } from '../../support/mongod.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'

// A request that takes longer than this hangs. What it should take is printed, not asserted:
// the machine may be busy.
const hang = 15_000

interface Timed {
  readonly status: number
  readonly retryAfter: string | null
  readonly ms: number
  readonly text: string
}

async function timed(base: string, path: string, init: RequestInit = {}): Promise<Timed> {
  const startedAt = performance.now()
  const response = await fetch(base + path, { ...init, signal: AbortSignal.timeout(hang) })
  const text = await response.text()
  const retryAfter = response.headers.get('retry-after')
  return { status: response.status, retryAfter, text, ms: performance.now() - startedAt }
}

const post = (base: string, id: string) =>
  timed(base, '/data', {
    method: 'POST',
    body: JSON.stringify({ _id: id, text: 'x'.repeat(200) }),
    headers: { 'content-type': 'application/json' },
  })

async function untilWorking(base: string): Promise<number> {
  const startedAt = performance.now()
  while ((await timed(base, '/data?limit=1')).status !== 200) await sleep(50)
  return performance.now() - startedAt
}

const slowest = (answers: readonly Timed[]) => Math.round(Math.max(...answers.map(({ ms }) => ms)))

describe('a service whose database is away', { timeout: 300_000 }, () => {
  let mongod: Mongod
  let service: ServiceProcess
  let api: Client
  before(async () => {
    mongod = await startMongod()
    await mongod.stop()
    service = await startProcess({
      DB_URL: mongod.address,
      USER_NAME: testUser.name,
      USER_PWD: testUser.password,
      LOG_LEVEL: 'debug',
    })
    api = client(service.base)
  })
  after(async () => {
    service.signal('SIGTERM')
    await service.exited
    await mongod.remove()
  })

  it('starts, is alive, is not ready, and answers 503 with Retry-After', async (t) => {
    assert.equal((await api.get('/livez')).status, 200)
    assert.equal((await api.get('/readyz')).status, 503)
    assert.match((await api.get('/readyz?verbose')).text, /^\[-\]store /)
    const answers = await Promise.all([
      timed(service.base, '/data'),
      timed(service.base, '/data?limit=5'),
      timed(service.base, '/data/x'),
      timed(service.base, '/data/x', { method: 'DELETE' }),
      timed(service.base, '/data', { method: 'HEAD' }),
      ...Array.from({ length: 20 }, (_, n) => post(service.base, `early-${n}`)),
    ])
    for (const { status, retryAfter } of answers) {
      assert.equal(status, 503)
      assert.match(retryAfter ?? '', /^\d+$/)
    }
    t.diagnostic(`the slowest 503 took ${slowest(answers)} ms; it should be under 2000`)
  })

  it('works without a restart once the database comes', async (t) => {
    await mongod.start()
    const ms = await untilWorking(service.base)
    t.diagnostic(`it worked ${Math.round(ms)} ms after the database did; it should be under 5000`)
    assert.equal((await post(service.base, 'first')).status, 201)
    while ((await api.get('/readyz')).status !== 200) await sleep(50)
  })

  it('survives ten outages under load: no hang, no 500, no acknowledged document lost', async (t) => {
    const acknowledged: string[] = []
    const answers: Timed[] = []
    let ended = false
    const write = async (writer: number) => {
      for (let n = 0; !ended; n++) {
        const id = `w${writer}-${n}`
        const answer = await post(service.base, id)
        answers.push(answer)
        if (answer.status === 201) acknowledged.push(id)
        else await sleep(20)
      }
    }
    const recoveries: number[] = []
    const interrupt = async () => {
      for (let round = 0; round < 10 && !ended; round++) {
        await sleep(200)
        await mongod.stop(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
        await sleep(100)
        await mongod.start()
        recoveries.push(Math.round(await untilWorking(service.base)))
      }
      ended = true
    }
    // All have ended before the test does, even if one fails: a database that is started after
    // a failed test is never ended, and keeps the test runner waiting.
    const work = [interrupt(), ...Array.from({ length: 16 }, (_, writer) => write(writer))]
    for (const part of work) part.catch(() => (ended = true))
    const failure = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected')
    if (failure?.status === 'rejected') throw failure.reason

    const statuses = Map.groupBy(answers, ({ status }) => status)
    const failed = statuses.get(503) ?? []
    assert.deepEqual([...statuses.keys()].sort(), [201, 503])
    for (const { retryAfter } of failed) assert.match(retryAfter ?? '', /^\d+$/)
    const stored = await idsOf(api, t)
    const lost = acknowledged.filter((id) => !stored.has(id))
    assert.deepEqual(lost, [])
    t.diagnostic(`${acknowledged.length} acknowledged, ${failed.length} answered 503`)
    t.diagnostic(`the slowest 503 took ${slowest(failed)} ms; recoveries took ${recoveries} ms`)
  })

  it('has logged neither documents nor the password nor the connection string', () => {
    const text = service.lines.join('\n')
    for (const secret of [
      testUser.password,
      encodeURIComponent(testUser.password),
      'mongodb://',
      'xxxxx',
    ]) {
      assert.ok(!text.includes(secret), secret)
    }
    assert.match(text, /no connection to the database yet/)
    assert.match(text, /connected to the database/)
  })
})

async function idsOf(api: Client, t: TestContext): Promise<Set<string>> {
  const { text } = await api.get('/data', { accept: 'application/x-ndjson' })
  const ids = text
    .trimEnd()
    .split('\n')
    .map((line): string => JSON.parse(line)._id)
  t.diagnostic(`${ids.length} documents stored`)
  assert.equal(new Set(ids).size, ids.length, 'a document is there twice')
  return new Set(ids)
}
