// A service over a collection that another program has filled, and the pages that it gives.
import assert from 'node:assert/strict'
import { type Collection, MongoClient } from 'mongodb'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { type Client, client } from '../../support/client.ts'
import { runService } from '../../support/running-service.ts'

interface ForeignDocument {
  readonly _id: unknown
  /** Its place in the expected order. */
  readonly n?: number
}

export interface ServedCollection {
  readonly documents: Collection<ForeignDocument>
  readonly port: number
  readonly api: Client
  /** Closes the service and removes the documents. */
  close(): Promise<void>
}

/** Inserts the documents, not in their order, and starts a service over them. */
export async function serveCollection(
  uri: string,
  all: readonly ForeignDocument[],
): Promise<ServedCollection> {
  const place = { database: 'test_foreign', collection: 'documents' }
  const mongo = new MongoClient(uri)
  const documents = mongo.db(place.database).collection<ForeignDocument>(place.collection)
  await documents.deleteMany({})
  await documents.insertMany(all.toSorted(() => Math.random() - 0.5))
  const service = await runService(openMongoStore({ uri, ...place }))
  return {
    documents,
    port: service.port,
    // It holds no answer against /openapi.json: an _id there is a text, as this service gives it.
    api: client(service.client.base),
    async close() {
      await service.close()
      await mongo.db(place.database).dropDatabase()
      await mongo.close()
    },
  }
}

/** The `n` of each document of a list. */
export const numbers = (value: unknown): unknown[] =>
  Array.isArray(value) ? value.map((document) => Reflect.get(Object(document), 'n')) : []

/** Those of all pages, by following `Link`. */
export async function idsOfPages(api: Client, first: string): Promise<unknown[]> {
  const found: unknown[] = []
  for (let path: string | undefined = first; path !== undefined; ) {
    const answer = await api.get(path)
    assert.equal(answer.status, 200, `${path} ${answer.text}`)
    found.push(...numbers(answer.json()))
    assert.ok(found.length < 1000, 'it goes round in circles')
    path = /^<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1]
  }
  return found
}
