// The documents that every peer gets: 1 kB of what people store, those before a run and those after it.
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import type { Database } from './database.ts'
import type { Service } from './service.ts'

// wrk puts a number in its place, with as many digits, so that the length stays the same.
const placeOfNumber = '0000000000'
const batch = 1000

/** The JSON text of a document of 1,024 bytes, with ten digits that tell it from the others. */
export function documentText(number?: number): string {
  const text = (bio: string) =>
    JSON.stringify({
      number: number === undefined ? placeOfNumber : String(number).padStart(10, '0'),
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      born: 1815,
      height: 1.64,
      active: true,
      manager: null,
      address: { street: 'St James’s Square 12', city: 'London', postcode: 'SW1Y 4LB' },
      tags: ['mathematics', 'poetry', 'engines'],
      visits: [
        { year: 1833, place: 'Dorset Street', pages: [7, 12, 31] },
        { year: 1841, place: 'Ockham Park', pages: [2, 90] },
      ],
      bio,
    })
  const rest = 1024 - Buffer.byteLength(text(''))
  return text(
    'She wrote the first programme for a machine that was never built. '.repeat(20).slice(0, rest),
  )
}

// Numbers repeat after 1,000: a filter for one finds a thousandth of the documents.
const texts = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => documentText(index % batch))

/** Writes N documents into a file in the folder, one per line. */
export function writeLines(folder: string, documents: number): string {
  const file = join(folder, 'documents.ndjson')
  writeFileSync(file, '')
  // In parts: a million documents are longer than the longest string.
  for (let left = documents; left > 0; left -= batch) {
    appendFileSync(
      file,
      texts(Math.min(batch, left))
        .map((text) => `${text}\n`)
        .join(''),
    )
  }
  return file
}

/** The file of json-server, which reads its documents once, when it starts. */
export const jsonServerFile = (documents: number): string =>
  JSON.stringify({
    data: texts(documents).map((text, index) => ({ _id: index + 1, ...JSON.parse(text) })),
  })

/** Leaves exactly N documents in the database's collection. */
export async function stockDatabase({ collection }: Database, documents: number): Promise<void> {
  if ((await collection.estimatedDocumentCount()) === documents && documents > 0) return
  await collection.drop().catch(() => {})
  for (let left = documents; left > 0; left -= batch) {
    await collection.insertMany(texts(Math.min(batch, left)).map((text) => JSON.parse(text)))
  }
}

/** Gives an embedded peer its documents through its own POST. @throws Error if it does not take them */
export async function stockService({ origin }: Service, documents: number): Promise<void> {
  for (let left = documents; left > 0; left -= batch) {
    await post(origin, 'application/json', `[${texts(Math.min(batch, left)).join(',')}]`)
  }
}

/** POST /data. The text of its answer. @throws Error if it is not 201 */
export async function post(origin: string, type: string, body: string | Blob): Promise<string> {
  const response = await fetch(`${origin}/data`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
  })
  const text = await response.text()
  if (response.status !== 201) throw new Error(`POST /data answered ${response.status}: ${text}`)
  return text
}

/** The _id of every document, asked of the database itself if there is one. */
export async function idsOf(
  { origin }: Service,
  database: Database | undefined,
): Promise<string[]> {
  const ids: string[] = []
  if (database) {
    // A client of its own: the peer may have cursors open, and this one must not wait for them.
    const client = await new MongoClient(database.uri).connect()
    const found = client
      .db()
      .collection('documents')
      .find({}, { projection: { _id: 1 } })
    for await (const { _id } of found) ids.push(String(_id))
    await client.close()
    return ids
  }
  const response = await fetch(`${origin}/data`)
  if (!response.ok || !response.body) throw new Error(`GET /data answered ${response.status}`)
  // In pieces: a million documents are longer than the longest string. No id may be over 100 characters.
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    let end = Math.max(0, text.length - 100)
    // json-server numbers its documents.
    for (const { index, 0: match, 1: id = '' } of text.matchAll(/"_id":\s*"?(\w+)["\s,}]/g)) {
      ids.push(id)
      end = Math.max(end, index + match.length)
    }
    text = text.slice(end)
  }
  return ids
}
