// What the MongoDB store makes of a server that refuses, and of documents of other programs.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  MongoClient,
  MongoNetworkError,
  MongoServerError,
  MongoTopologyClosedError,
  ObjectId,
} from 'mongodb'
import { mongoError } from '../../src/store/mongo-error.ts'
import { openMongoStore } from '../../src/store/mongo-store.ts'
import { runService } from '../running-service.ts'
import { testDatabase } from './test-database.ts'

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
      [new TypeError('a bug'), 'refused'],
    ]
    for (const [error, fault] of faults) assert.equal(mongoError(error).fault, fault, `${error}`)
  })
})

describe('the MongoDB store', () => {
  it('answers unavailable with a wrong password, and goes on trying', async () => {
    const uri = server.uri.replace(/:[^:@]*@/, ':wrong@')
    const attempts: string[] = []
    const store = openMongoStore({
      uri,
      database: 'test_faults',
      collection: 'c',
      onAttempt: (error) => attempts.push(String(error?.message)),
    })
    await assert.rejects(store.ping(), { name: 'StoreError', fault: 'unavailable' })
    await assert.rejects(store.ping(), { name: 'StoreError', fault: 'unavailable' })
    await store.close()
    assert.ok(attempts.length >= 2)
    assert.match(attempts[0] ?? '', /[Aa]uthentication/)
  })

  it('lists and shows documents of other programs, and pages through those it can name', async () => {
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
    const first = await api.get('/data?limit=1')
    assert.deepEqual(first.json(), [{ _id: 'text' }])
    assert.match(first.headers.get('link') ?? '', /after=text/)
    const second = await api.get('/data?limit=1&after=text')
    assert.equal(second.text.includes('0123456789abcdef01234567'), true)
    assert.equal(second.headers.get('link'), null)
    await service.close()
    await documents.drop()
    await client.close()
  })
})
