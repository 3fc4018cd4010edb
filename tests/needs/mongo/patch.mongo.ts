// PATCH, on MongoDB, with documents of other programs and their types.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { BSON, type Collection, type Document, MongoClient, ObjectId } from 'mongodb'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { patchSuite } from '../../suites/patch-suite.ts'
import { type RunningService, runService } from '../../support/running-service.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

patchSuite('MongoDB', server.open)

describe('PATCH of a document that another program wrote', () => {
  let service: RunningService
  let client: MongoClient
  let collection: Collection<Document>
  before(async () => {
    const { DB_NAME: database, DB_COLLECTION } = server.place()
    client = new MongoClient(server.uri)
    collection = client.db(database).collection(DB_COLLECTION)
    service = await runService(
      openMongoStore({ uri: server.uri, database, collection: DB_COLLECTION }),
    )
  })
  after(async () => {
    await service.close()
    await client.close()
  })

  it('leaves its types as they are', async () => {
    const _id = new ObjectId()
    const others = {
      when: new Date(1e12),
      owner: new ObjectId(),
      price: BSON.Decimal128.fromString('1.10'),
    }
    await collection.insertOne({ _id, ...others, long: BSON.Long.fromNumber(5), n: 1 })
    const answer = await service.client.send('PATCH', `/data/${_id}`, {
      body: '[{"op":"test","path":"/n","value":1},{"op":"replace","path":"/n","value":2},{"op":"copy","from":"/when","path":"/since"}]',
      headers: { 'content-type': 'application/json-patch+json' },
    })
    assert.equal(answer.status, 200, answer.text)
    const found = await collection.findOne({ _id }, { promoteLongs: false })
    assert.deepEqual(found, {
      _id,
      ...others,
      long: BSON.Long.fromNumber(5),
      n: 2,
      since: others.when,
    })
    const shown = (await service.client.get(`/data/${_id}`)).text
    assert.match(shown, /"when":\{"\$date":"2001-09-09T01:46:40Z"\}/)
  })
})
