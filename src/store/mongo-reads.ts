// Reads of many documents: lists, pages, counts, and the candidates of a query.
import type { Document } from 'mongodb'
import { pieceBytes, pieceMemory, smallBytes, textOfStored } from '../codec/document-text.ts'
import { JsonWriter } from '../codec/json-writer.ts'
import { idOfBson } from '../codec/stored-id.ts'
import { nextPiece } from '../fair-turns.ts'
import { subsetOf, supersetOf } from '../query/mongo-query.ts'
import type { DocumentStore, ListPiece, Range } from './document-store.ts'
import { type Batch, bytesOf, createCursors, type MongoTarget } from './mongo-cursor.ts'
import { idsFilter, rangeFilter, rangesBefore } from './mongo-filter.ts'
import { createMongoFind, mongoWords } from './mongo-find.ts'

// Of up to 256 bytes each, and a query may have 16 MiB.
const idsAtOnce = 1000

// Milliseconds. A server that takes longer for the ids of a page looks at all documents for them, and so it does for the
// documents of the page: then these wait their turn too. On the stand-in for MongoDB three slow readers of the whole list
// and one of pages kept a write waiting for 0.4 to 0.7 s, now for 0.2.
const slowPage = 50

/** Makes those members of the store that read many documents. `times`: milliseconds of one call. */
export function createMongoReads(
  target: MongoTarget,
  times: Readonly<Record<'ping' | 'read' | 'count', number>>,
  run: (command: Document, milliseconds: number) => Promise<Document>,
): Pick<DocumentStore, 'getMany' | 'list' | 'newest' | 'find' | 'count' | 'countOf' | 'page'> {
  const { connection, collection } = target
  const { findBatches, scanInTurn } = createCursors(target, times.read)
  let pagesAreSlow = false
  let rare: Promise<boolean> | undefined
  const knowsRareTypes = () => {
    rare ??= run({ buildInfo: 1 }, times.ping).then((info) => !('ferretdbVersion' in info))
    rare.catch(() => {
      rare = undefined
    })
    return rare
  }

  const filterOf = async (range: Range): Promise<Document> =>
    range.after === undefined && range.through === undefined
      ? {}
      : rangeFilter(range, await knowsRareTypes())

  const words = async () => mongoWords(await knowsRareTypes())
  const countDocuments = (filter: Document) =>
    connection.use(times.count, (db, signal) =>
      db.collection(collection).countDocuments(filter, { signal }),
    )

  return {
    async *getMany(ids) {
      for (let at = 0; at < ids.length; at += idsAtOnce) {
        const filter = idsFilter(ids.slice(at, at + idsAtOnce))
        for await (const { documents } of findBatches(filter, { sort: { _id: 1 } })) {
          yield documents.map(textOfStored)
        }
      }
    },

    async *list(range = {}, between = '') {
      const isScan = range.through === undefined || pagesAreSlow
      yield* writePieces(findBatches(await filterOf(range), { sort: { _id: 1 } }, isScan), between)
    },

    async *newest(limit, before) {
      let left = limit
      const rareTypes = before === undefined || (await knowsRareTypes())
      for (const range of rangesBefore(before, rareTypes)) {
        if (left <= 0) return
        const options = { sort: { _id: -1 }, limit: left } as const
        for await (const { documents } of findBatches(range, options, true)) {
          yield documents.map(textOfStored)
          left -= documents.length
        }
      }
    },

    find: createMongoFind(findBatches, words),

    async count() {
      const { n } = await scanInTurn(() => run({ count: collection }, times.read))
      return `about ${n}`
    },

    async countOf(filter) {
      if (!filter) return countDocuments({})
      const known = await words()
      const inner = subsetOf(filter, known)
      if (!inner) return undefined
      // If as many surely match as may match, that is the number.
      const [most, least] = await Promise.all([
        countDocuments(supersetOf(filter, known) ?? {}),
        countDocuments(inner),
      ])
      return most === least ? most : undefined
    },

    async page(limit, after) {
      const filter = await filterOf({ after })
      const projection = { _id: 1 }
      const options = { projection, sort: { _id: 1 }, limit: limit + 1, raw: true } as const
      const found = await scanInTurn(async () => {
        const begunAt = performance.now()
        const documents = await connection.use(times.read, (db, signal) =>
          db
            .collection(collection)
            .find(filter, { ...options, signal })
            .toArray(),
        )
        pagesAreSlow = performance.now() - begunAt > slowPage
        return documents
      })
      const rows: unknown[] = found
      const last = rows.flatMap(bytesOf)[Math.min(limit, rows.length) - 1]
      return { last: last && idOfBson(last), more: rows.length > limit }
    },
  }
}

// Fewer bytes, unless they are the last, wait for the next batch.
const leastPiece = 32 * 1024

/** The documents of the batches, written as the pieces are asked for. */
async function* writePieces(
  batches: AsyncIterable<Batch>,
  between: string,
): AsyncGenerator<ListPiece> {
  let writer: JsonWriter | undefined
  let ends: number[] = []
  for await (const { documents, bytes, isLast } of batches) {
    // Ten replies may come in one turn.
    if (!writer && bytes > smallBytes) await nextPiece()
    // JSON has about as many bytes as BSON: a little more room spares most a larger copy.
    writer ??= new JsonWriter(Math.min(1024 + bytes * 1.25, pieceMemory))
    for (const bson of documents) {
      if (ends.length > 0) writer.text(between)
      writer.begin(bson)
      while (!writer.fill(pieceBytes)) {
        yield { bytes: writer.bytes, ends, held: bytes, isLast: false }
        writer.clear()
        ends = []
      }
      ends.push(writer.length)
    }
    if (writer.length < leastPiece && !isLast) continue
    // This generator holds the batch while its reader is busy.
    yield { bytes: writer.bytes, ends, held: bytes, isLast }
    writer.clear()
    ends = []
  }
  if (writer && writer.length > 0) {
    yield { bytes: writer.bytes, ends, held: 0, isLast: true }
  }
}
