// The documents that are there before a run, and those that are there after it.
import { MongoClient } from 'mongodb'
import type { Database } from './database.ts'
import { arrayText, documentText } from './documents.ts'
import { post, scan } from './http-client.ts'
import type { Running } from './service.ts'

const batch = 1000

/** Leaves exactly so many documents in the database's collection. */
export async function stockDatabase({ collection }: Database, documents: number): Promise<void> {
  if ((await collection.estimatedDocumentCount()) === documents && documents > 0) return
  await collection.drop().catch(() => {})
  for (let from = 0; from < documents; from += batch) {
    const count = Math.min(batch, documents - from)
    const items = Array.from({ length: count }, (_, index) =>
      JSON.parse(documentText(from + index)),
    )
    await collection.insertMany(items)
  }
}

/** Gives an embedded peer its documents through its own POST. */
export async function stockService({ base }: Running, documents: number): Promise<void> {
  for (let from = 0; from < documents; from += batch) {
    const count = Math.min(batch, documents - from)
    const { status, body } = await post(`${base}/data`, 'application/json', arrayText(count))
    if (status !== 201) throw new Error(`POST /data answered ${status}: ${body}`)
  }
}

/** The _id of every document, asked of the database itself where there is one. */
export async function idsOf(service: Running, database: Database | undefined): Promise<string[]> {
  if (database) {
    // A client of its own: the peer may have cursors open, this one must not wait for them.
    const client = await new MongoClient(database.uri).connect()
    const found = client
      .db('bench')
      .collection('documents')
      .find({}, { projection: { _id: 1 } })
    const ids: string[] = []
    for await (const { _id } of found) ids.push(String(_id))
    await client.close()
    return ids
  }
  const ids: string[] = []
  // json-server numbers its documents. A million of them are longer than a string may be.
  for await (const [, id] of scan(`${service.base}/data`, /"_id":\s*"?(\w+)["\s,}]/g)) {
    if (id !== undefined) ids.push(id)
  }
  return ids
}
