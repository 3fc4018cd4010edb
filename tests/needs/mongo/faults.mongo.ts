// What the MongoDB store makes of a server that refuses, and of documents of other programs.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  MongoClient,
  MongoNetworkError,
  MongoServerError,
  MongoTopologyClosedError,
  ObjectId,
} from 'mongodb'
import { mongoError } from '../../../src/store/mongo-error.ts'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { encode } from '../../suites/store-contract.ts'
import { runService } from '../../support/running-service.ts'
import { startFakeMongod } from './fake-mongod.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

describe('an error of the driver', () => {
  const serverError = (code: number, labels: string[] = []) =>
    new MongoServerError({ message: 'the server says', code, errorLabels: labels })

  it('becomes what it means for a request', () => {
    const faults: [Error, string][] = [
      [serverError(14031), 'full'],
      [serverError(18), 'unavailable'],
      [serverError(10107), 'unavailable'],
      [serverError(2, ['RetryableWriteError']), 'unavailable'],
      [serverError(2), 'refused'],
      [new MongoNetworkError('gone'), 'unavailable'],
      [new MongoTopologyClosedError('closed'), 'unavailable'],
      [Object.assign(new Error('write ECONNRESET'), { syscall: 'write' }), 'unavailable'],
      [new TypeError('a bug'), 'failed'],
    ]
    for (const [error, fault] of faults) assert.equal(mongoError(error).fault, fault, `${error}`)
  })
})

describe('the MongoDB store', { timeout: 120_000 }, () => {
  it('says that a write is not safe if a majority did not answer, and sends it once', async () => {
    const error = { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'waiting timed out' }
    const duplicate = { index: 1, code: 11000, errmsg: 'E11000' }
    const reply = { ok: 1, n: 2, writeErrors: [duplicate], writeConcernError: error }
    const fake = await startFakeMongod(reply)
    const store = openMongoStore({ uri: fake.uri, database: 'd', collection: 'c' })
    const results = await store.insert(['a', 'b', 'c'].map((_id) => encode({ _id })))
    const reasons = results.map((result) => (result.ok ? 'ok' : result.reason))
    // The second too: that it is there already is as little safe as that the others are.
    assert.deepEqual(reasons, ['failed', 'failed', 'failed'])
    assert.ok(results[0] && !results[0].ok && results[0].reason === 'failed')
    assert.equal(results[0].error.fault, 'unavailable')
    assert.deepEqual(fake.writes, ['insert'])
    await store.close()
    fake.close()

    const other = await startFakeMongod({ ok: 1, n: 1, writeConcernError: error })
    const again = openMongoStore({ uri: other.uri, database: 'd', collection: 'c' })
    await assert.rejects(again.replace(encode({ _id: 'a' })), { fault: 'unavailable' })
    await assert.rejects(again.remove('a'), { fault: 'unavailable' })
    await again.close()
    other.close()
  })

  it('gives up on a write that has no answer when the other connections are lost', async (t) => {
    const fake = await startFakeMongod()
    const store = openMongoStore({ uri: fake.uri, database: 'd', collection: 'c' })
    const insert = store.insert([encode({ _id: 'a' })])
    while (fake.writes.length === 0) await sleep(10)
    const lostAt = performance.now()
    fake.leaveWritesWaiting()
    const [result] = await insert
    t.diagnostic(`it gave up after ${Math.round(performance.now() - lostAt)} ms`)
    assert.ok(result && !result.ok && result.reason === 'failed')
    assert.equal(result.error.fault, 'unavailable')
    await store.close()
    fake.close()
  })

  it('refuses one document of a batch that the server refuses as a whole, and keeps the others', async () => {
    const fake = await startFakeMongod({ ok: 0, code: 2, errmsg: 'the command is refused' })
    const store = openMongoStore({ uri: fake.uri, database: 'd', collection: 'c' })
    const results = await store.insert(['a', 'b', 'c'].map((_id) => encode({ _id })))
    for (const result of results) {
      assert.deepEqual(result, { ok: false, reason: 'refused', detail: 'the command is refused' })
    }
    // All, then the halves 1 and 2, then the two of the second half.
    assert.equal(fake.writes.length, 5)
    await store.close()
    fake.close()
  })

  it('answers unavailable with a wrong password, and goes on trying', async () => {
    const uri = server.uri.replace(/:[^:@]*@/, ':wrong@')
    const attempts: string[] = []
    const store = openMongoStore({
      uri,
      database: 'test_faults',
      collection: 'c',
      onAttempt: (error) => attempts.push(String(error)),
    })
    await assert.rejects(store.ping(), { name: 'StoreError', fault: 'unavailable' })
    await assert.rejects(store.ping(), { name: 'StoreError', fault: 'unavailable' })
    await store.close()
    assert.ok(attempts.length >= 2)
    assert.match(attempts[0] ?? '', /Authentication failed/)
  })

  it('lists and shows documents of other programs, and pages through them', async () => {
    const client = new MongoClient(server.uri)
    const documents = client.db('test_faults').collection<{ _id: unknown; when?: Date }>('others')
    await documents.deleteMany({})
    const oid = new ObjectId('0123456789abcdef01234567')
    const when = new Date('2026-01-01T00:00:00Z')
    await documents.insertMany([{ _id: 5 }, { _id: 'text' }, { _id: oid, when }, { _id: when }])
    const store = openMongoStore({ uri: server.uri, database: 'test_faults', collection: 'others' })
    const service = await runService(store)
    const api = service.client
    const all = await fetch(`${api.base}/data`).then((response) => response.json())
    assert.deepEqual(all, [
      { _id: 5 },
      { _id: 'text' },
      { _id: '0123456789abcdef01234567', when: { $date: '2026-01-01T00:00:00Z' } },
      { _id: { $date: '2026-01-01T00:00:00Z' } },
    ])
    const base = api.base
    const first = await fetch(`${base}/data?limit=1`)
    assert.deepEqual(await first.json(), [{ _id: 5 }])
    const next = /^<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1]
    assert.deepEqual(await (await fetch(base + next)).json(), [{ _id: 'text' }])
    await service.close()
    await documents.drop()
    await client.close()
  })
})
