// The translation of queries for MongoDB, beside the evaluator: all that satisfies a query is found, in its order.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Collection, type Document, MongoClient } from 'mongodb'
import { idOfNew } from '../../../src/codec/document-id.ts'
import { Evaluator } from '../../../src/query/evaluator.ts'
import type { Query } from '../../../src/query/filter.ts'
import { valuesOfKey } from '../../../src/query/key-reader.ts'
import { subsetOf, supersetOf } from '../../../src/query/mongo-query.ts'
import { afterPlace, mongoSort } from '../../../src/query/mongo-sort.ts'
import { idDescends, placeKey } from '../../../src/query/place.ts'
import { parseQueryBody } from '../../../src/query/query-body.ts'
import { rangeFilter, rangesBefore } from '../../../src/store/mongo-filter.ts'
import { mongoWords } from '../../../src/store/mongo-find.ts'
import { documentSequence } from '../../../src/store/mongo-write.ts'
import { canonical, encoded } from '../../support/query/pairs.ts'
import { createGenerator, sortJson, toJson } from '../../support/query/random.ts'
import { testDatabase } from './own-database.ts'

const words = mongoWords(true)
const seeds = Number(process.env.QUERY_SEEDS ?? 12)
const first = Number(process.env.QUERY_SEED ?? 1)
const documentsOfASeed = 40
const queriesOfASeed = 25

interface Known {
  readonly id: string
  readonly matches: boolean
  readonly sortKey: Buffer
  readonly key: Buffer
  readonly isPartial: boolean
}

describe('a query in MongoDB’s words', () => {
  const server = testDatabase()
  let client: MongoClient
  let collection: Collection<Document>
  before(() => {
    client = new MongoClient(server.uri)
    const { DB_NAME, DB_COLLECTION } = server.place()
    collection = client.db(DB_NAME).collection(DB_COLLECTION)
  })
  after(() => client.close())

  const idsOf = async (filter: Document, sort?: ReadonlyMap<string, 1 | -1>): Promise<string[]> => {
    const cursor = collection.find(filter, {
      projection: { _id: 1 },
      ...(sort && { sort: new Map(sort) }),
    })
    return (await cursor.toArray()).map(({ _id }) => String(_id))
  }

  const known = (query: Query, stored: readonly Buffer[]): Known[] => {
    const evaluator = new Evaluator(query.filter, query.sort)
    return stored.map((json) => {
      evaluator.read(json, 0, json.length)
      const id = String(JSON.parse(json.toString())._id)
      const sortKey = Buffer.from(evaluator.sortKey)
      return {
        id,
        matches: evaluator.matches,
        sortKey,
        key: placeKey(query.sort, sortKey, idOfNew(id)),
        isPartial: evaluator.isPartial,
      }
    })
  }

  for (let seed = first; seed < first + seeds; seed++) {
    it(`finds all of it and sorts it, seed ${seed}`, async () => {
      const generate = createGenerator(seed)
      const texts = Array.from({ length: documentsOfASeed }, generate.document)
      const stored = await Promise.all(texts.map(canonical))
      await collection.deleteMany({})
      // As bytes: an object of JavaScript would lose the order of its keys.
      const bytes = await Promise.all(texts.map(encoded))
      const sequence = documentSequence('documents', bytes)
      await client
        .db(collection.dbName)
        .command({ insert: collection.collectionName, documents: sequence })
      for (let count = 0; count < queriesOfASeed; count++) {
        const text = `{"where":${toJson(generate.where())},"sort":${sortJson(generate.sort())}}`
        const query = parseQueryBody(text)
        const documents = known(query, stored)
        const byId = new Map(documents.map((each) => [each.id, each]))

        assert.ok(query.filter)
        const superset = await idsOf(supersetOf(query.filter, words) ?? {})
        const inner = subsetOf(query.filter, words)
        const subset = inner === undefined ? [] : await idsOf(inner)
        for (const { id, matches } of documents) {
          if (matches) assert.ok(superset.includes(id), `${text} does not find ${id}`)
          else assert.ok(!subset.includes(id), `${text} takes ${id} for one of them`)
        }

        const sort = mongoSort(query.sort)
        if (sort === undefined) continue
        const sorted = await idsOf({}, sort).catch((error: unknown) => {
          // What MongoDB cannot sort is sorted by the service.
          assert.match(String(error), /parallel arrays/)
        })
        if (sorted === undefined) continue
        let last: Buffer = Buffer.alloc(0)
        for (const id of sorted) {
          const document = byId.get(id)
          if (document === undefined || document.isPartial) continue
          assert.ok(Buffer.compare(last, document.key) < 0, `${text} has ${id} too late`)
          last = document.key
        }

        const place = documents[generate.below(documents.length)]
        assert.ok(place)
        const values = valuesOfKey(query.sort, place.sortKey)
        const id = idOfNew(place.id)
        const later = idDescends(query.sort)
          ? { $or: rangesBefore(id, true) }
          : rangeFilter({ after: id }, true)
        const behind = await idsOf(afterPlace(query.sort, values, later, words))
        for (const each of documents) {
          if (Buffer.compare(each.key, place.key) <= 0) continue
          assert.ok(behind.includes(each.id), `${text} has not ${each.id} after ${place.id}`)
        }
      }
    })
  }
})
