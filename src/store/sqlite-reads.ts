// What the embedded store reads: one document, lists of many, pages.
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type DocumentId, idKey, idOfKey } from '../codec/document-id.ts'
import { type DocumentText, pieceBytes, textOfJson } from '../codec/document-text.ts'
import type { DocumentStore, ListPiece } from './document-store.ts'
import { createLargeQueue } from './limiter.ts'
import { attempt } from './sqlite-error.ts'
import { createFind, type FindOptions } from './sqlite-find.ts'
import {
  type Batch,
  createBatchReader,
  createRowReader,
  firstKey,
  idAt,
  lastKey,
} from './sqlite-rows.ts'

// Rows that a batch looks at: few at first, since most lists are short, then some more than the last had.
const firstRows = 128
const leastRows = 16
const mostRows = 1000
// Bytes and documents of a batch that is read one by one.
const manyBytes = 64 * 1024

type Reads = Pick<DocumentStore, 'get' | 'read' | 'getMany' | 'list' | 'newest' | 'page' | 'find'>

/** Prepares what is read of the documents. */
export function createReads(
  db: DatabaseSync,
  options: Pick<FindOptions, 'indexes' | 'fewEntries'>,
) {
  const rows = createRowReader(db, 'documents')
  const readAfter = createBatchReader(db, 'key > ? AND key <= ?', 'ASC')
  const readBefore = createBatchReader(db, 'key < ?', 'DESC')
  const nth = db.prepare('SELECT key FROM documents WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?')
  const last = db.prepare('SELECT max(key) AS key FROM documents WHERE key > ?')
  const large = createLargeQueue()
  // The JSON of a document of any size, in one turn.
  const whole = (key: Uint8Array) => attempt(() => rows.whole(key))

  // Like `read`, with the JSON as it is in the file.
  const readJson = async <T>(
    id: DocumentId,
    use: (json: Buffer | undefined) => T | Promise<T>,
    expectReader?: () => void,
  ): Promise<T> => {
    const key = idKey(id)
    const found = attempt(() => rows.find(key))
    if (typeof found !== 'number') return use(found)
    return large(found, async () => use(await rows.wholeInTurns(key)), expectReader)
  }
  const read: DocumentStore['read'] = (id, use, expectReader) =>
    readJson(id, (json) => use(json && textOfJson(id, json)), expectReader)

  // A large row alone, as a batch: without a text if it was removed while it waited.
  const wholeBatch = async (found: Batch | { key: Uint8Array; size: number }) => {
    if ('json' in found) return { ...found, key: undefined }
    const { key, size } = found
    const json = (await large(size, () => rows.wholeInTurns(key))) ?? Buffer.alloc(0)
    return { json, ends: [json.length], isLast: false, key }
  }

  const reads: Reads = {
    find: createFind({ db, readAfter, readBefore, large, rows, ...options }),
    get: (id) => read(id, (text) => text),
    read,

    async *getMany(ids) {
      let batch: DocumentText[] = []
      let bytes = 0
      for (const id of ids) {
        const text = await read(id, (found) => found)
        if (!text) continue
        batch.push(text)
        bytes += text.size
        if (batch.length < mostRows && bytes < manyBytes) continue
        yield batch
        batch = []
        bytes = 0
        await nextTurn()
      }
      if (batch.length > 0) yield batch
    },

    list(range = {}, between = '') {
      // Each batch is a query of its own: an open cursor would keep the write-ahead log from ever being cut.
      const through = range.through === undefined ? lastKey : idKey(range.through)
      let after: Uint8Array | undefined = range.after === undefined ? firstKey : idKey(range.after)
      let limit = firstRows
      // The present batch, and the rest of a large document.
      let present: Buffer = Buffer.alloc(0)
      let rest = present
      return iterableOf(async (): Promise<ListPiece | undefined> => {
        for (;;) {
          if (rest.length > 0) {
            const bytes = rest.subarray(0, pieceBytes)
            rest = rest.subarray(pieceBytes)
            const ends = rest.length === 0 ? [bytes.length] : []
            return { bytes, ends, held: present.length, isLast: false }
          }
          free(present)
          if (after === undefined) return undefined
          const from: Uint8Array = after
          const found = attempt(() => readAfter([from, through], limit, between))
          if (!found) return undefined
          const { json, ends, isLast, key } = await wholeBatch(found)
          present = json
          // One with all rows that it looked at may have room for more.
          const wanted = ends.length * (ends.length < limit ? 1.1 : 2)
          limit = Math.min(Math.max(Math.ceil(wanted), leastRows), mostRows)
          after = isLast ? undefined : (key ?? keyOfLast(json, ends, between.length))
          if (!key) return { bytes: json, ends, held: 0, isLast }
          rest = json
        }
      })
    },

    async *newest(limit, before) {
      let end: Uint8Array = before === undefined ? lastKey : idKey(before)
      for (let left = limit; left > 0; ) {
        const found = attempt(() => readBefore([end], Math.min(left, mostRows), ''))
        if (!found) return
        const { json, ends, isLast, key } = await wholeBatch(found)
        const texts = textsOf(json, ends)
        if (texts.length > 0) yield texts
        if (isLast) return
        end = key ?? keyOfLast(json, ends, 0)
        left -= texts.length
      }
    },

    async page(limit, after) {
      const from = after === undefined ? firstKey : idKey(after)
      return attempt(() => {
        const key = keyOf(nth.get(from, limit - 1)) ?? keyOf(last.get(from))
        if (key === undefined) return { last: undefined, more: false }
        return { last: idOfKey(key), more: nth.get(key, 0) !== undefined }
      })
    },
  }
  return { ...reads, readJson, whole }
}

// What `read` gives until it gives nothing. A generator would hold each piece while a slow reader is busy with it.
const iterableOf = <T>(read: () => Promise<T | undefined>): AsyncIterable<T> => ({
  [Symbol.asyncIterator]: () => ({
    async next() {
      const value = await read()
      return value === undefined ? { done: true, value } : { done: false, value }
    },
  }),
})

// At once: V8 counts such memory, and collected 8 times during a list of 100 MB, for a quarter of its time.
function free({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0)
}

const keyOf = (row: Record<string, unknown> | undefined): Uint8Array | undefined =>
  row?.key instanceof Uint8Array ? row.key : undefined

function keyOfLast(json: Buffer, ends: readonly number[], between: number): Uint8Array {
  const before = ends.at(-2)
  return idKey(idAt(json, before === undefined ? 0 : before + between))
}

function textsOf(json: Buffer, ends: readonly number[]): DocumentText[] {
  let start = 0
  const texts: DocumentText[] = []
  for (const end of ends) {
    if (end > start) texts.push(textOfJson(idAt(json, start), json.subarray(start, end)))
    start = end
  }
  return texts
}
