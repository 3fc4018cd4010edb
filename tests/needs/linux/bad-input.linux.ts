// Generated bad input on both stores: no 5xx, no crash, no hang, and no payload in the log.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { MongoClient } from 'mongodb'
import { client } from '../../support/client.ts'
import { type Mongod, noMongod, startMongod, testUser } from '../../support/mongod.ts'
import { openSocket } from '../../support/raw-request.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { marker } from './bad-bodies.ts'
import { badRequests } from './bad-requests.ts'
import { buildService } from './built-service.ts'
import { amount } from './form.ts'

const command = buildService()
const folder = temporaryFolder()
const cases = amount('REQUESTS', 100_000, 1_500)
// RELIABILITY_SEED and RELIABILITY_BATCH (`588`, or `0-199`) repeat batches of an earlier run. A long run
// may also be done in pieces of one seed.
const seed = amount('SEED', randomInt(1, 2 ** 31), randomInt(1, 2 ** 31))
const batchSize = 100
const { RELIABILITY_BATCH: piece } = process.env
const [first = 0, last = first] = piece?.split('-').map(Number) ?? [
  0,
  Math.ceil(cases / batchSize) - 1,
]
assert.ok(last >= first && first >= 0, `RELIABILITY_BATCH=${piece} names no batches`)
// Milliseconds until a connection whose client has sent all must have ended.
const limit = 30_000
// Milliseconds until the client closes its half: answers that take longer are dropped by Node, and not
// seen here. The stand-in for MongoDB is slow.
const patience = { fast: 200, slow: 1_000 }

/** Sends the bytes, and nothing more. Everything that came back, or 'hangs'. */
async function answersTo(port: number, bytes: string, openFor: number): Promise<string> {
  const socket = await openSocket(port)
  return new Promise((resolve) => {
    let received = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      received += chunk
    })
    const half = setTimeout(() => socket.end(), openFor)
    const timer = setTimeout(() => {
      socket.destroy()
      resolve('hangs')
    }, limit)
    socket.on('error', () => {}) // a reset is an end
    socket.on('close', () => {
      clearTimeout(half)
      clearTimeout(timer)
      resolve(received)
    })
    socket.write(bytes, 'latin1')
  })
}

const statuses = (received: string) =>
  [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))

/** What the test sees of the database behind the service. */
interface Database {
  count(): Promise<number>
  clear(): Promise<void>
}

// One body may put 5,001 documents in. The stand-in for MongoDB looks at all that are there for each
// page, 68 ms for 1,000 (measured), one page at a time, and goes on after its client has left. With
// 30,000 documents six batches kept it busy so that /readyz said 503 for over 8 s.
const fewDocuments = 500

function badInput(
  name: string,
  settings: () => Record<string, string>,
  database?: () => Database,
): void {
  describe(`bad input, on ${name}`, () => {
    let service: ServiceProcess
    const openFor = database ? patience.slow : patience.fast
    const send = (bytes: string) => answersTo(service.port, bytes, openFor)
    before(async () => {
      service = await startProcess(settings(), command)
      while ((await client(service.base).get('/readyz')).status !== 200);
    })
    after(async () => {
      service.signal('SIGTERM')
      await service.exited
    })

    it('gets no 5xx, and every connection ends', async (t) => {
      t.diagnostic(`RELIABILITY_SEED=${seed}`)
      const counts = new Map<number, number>()
      let answered503 = 0
      for (let batch = first; batch <= last; batch++) {
        const sample = fc.sample(badRequests, { numRuns: batchSize, seed: seed + batch })
        const received = await Promise.all(sample.map(send))
        for (const [index, early] of received.entries()) {
          // A slow database may be busy with the others of the batch, or with what they put in: 503
          // then, but not forever.
          let text = early
          for (let n = 0; n < 20 && statuses(text).includes(503); n++) {
            assert.ok(!text.includes('"status":503') || /^Retry-After: \d/m.test(text), text)
            answered503++
            await database?.().clear()
            await sleep(500)
            text = await send(sample[index] ?? '')
          }
          const found = statuses(text)
          const bad = text === 'hangs' || found.some((status) => status >= 500)
          const shown = JSON.stringify(sample[index]?.slice(0, 1000))
          const again = `RELIABILITY_SEED=${seed} RELIABILITY_BATCH=${batch}`
          assert.ok(!bad, `${again}, the bytes ${shown} got ${text.slice(0, 500)}`)
          for (const status of found) counts.set(status, (counts.get(status) ?? 0) + 1)
        }
        assert.equal(service.child.exitCode, null, `it ended in batch ${batch} of seed ${seed}`)
        const there = (await database?.().count()) ?? 0
        if (there > fewDocuments) await database?.().clear()
      }
      const sorted = [...counts].sort(([a], [b]) => a - b)
      const requests = (last - first + 1) * batchSize
      t.diagnostic(`${requests} requests; ${answered503} got 503 at first, and not when repeated`)
      t.diagnostic(sorted.map(([status, count]) => `${status}: ${count}`).join(', '))
      assert.ok(sorted.length >= 8 || piece !== undefined, 'the requests were too much alike')
    })

    it('is still well after it', async () => {
      const api = client(service.base)
      assert.equal((await api.get('/readyz')).status, 200)
      assert.equal((await api.post('{"_id":"behind","n":1}')).status, 201)
      assert.equal((await api.get('/data/behind')).text, '{"_id":"behind","n":1}\n')
      assert.ok(Array.isArray((await api.get('/data')).json()))
    })

    it('has not logged any payload', () => {
      const lines = [...service.lines, ...service.errors].filter((line) => line.includes(marker))
      assert.deepEqual(lines, [])
      assert.ok(service.lines.length > 0)
    })
  })
}

badInput('SQLite', () => ({ DATA_FILE: join(folder, 'bad-input.db') }))

describe('with a mongod', { skip: noMongod() ?? false }, () => {
  let mongod: Mongod
  let direct: MongoClient
  before(async () => {
    mongod = await startMongod()
    direct = await new MongoClient(mongod.uri).connect()
  })
  after(async () => {
    await direct.close()
    await mongod.remove()
  })
  const documents = () => direct.db('bad_input').collection('documents')
  badInput(
    'MongoDB',
    () => ({
      DB_URL: mongod.address,
      DB_NAME: 'bad_input',
      USER_NAME: testUser.name,
      USER_PWD: testUser.password,
    }),
    () => ({
      count: () => documents().estimatedDocumentCount(),
      clear: async () => {
        await documents().drop()
      },
    }),
  )
})
