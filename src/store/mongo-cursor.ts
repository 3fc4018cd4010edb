// The documents of a query in batches, few fetched at once.
import type { Document } from 'mongodb'
import { createLimiter } from './limiter.ts'
import type { MongoConnection } from './mongo-connection.ts'

/** Documents that came in one reply. */
export interface Batch {
  readonly documents: readonly Uint8Array[]
  readonly bytes: number
  /** Whether nothing comes after it, as far as is known. */
  readonly isLast: boolean
}

/** Finds documents in the order of `sort`. `isScan`: the server may sort all of them. */
export type FindBatches = (
  filter: Document,
  options: { sort?: Document; limit?: number; skip?: number },
  isScan?: boolean,
) => AsyncGenerator<Batch>

/** The collection that a store is about. */
export interface MongoTarget {
  readonly connection: MongoConnection
  readonly collection: string
}

// Documents of the first reply; the next have as many as half a MiB holds, and at most twice as many as the last:
// large ones may come. With a fixed 500 forty slow readers held 600 MB.
const firstBatch = 50
const batchBytes = 512 * 1024

// Batches that are fetched at once. With as many slow scans as connections, pings would fail too, and take every pod
// out of service.
const fetchesAtOnce = 10

// Lists and pages begin one after the other: a server that sorts for ten at once delays a write by 181 ms (p99, 20,000
// documents, FerretDB), for one by 35 ms.
const scansAtOnce = 1

/** Makes what opens cursors. `time`: milliseconds of a reply. `scanInTurn` runs another read among the scans. */
export function createCursors({ connection, collection }: MongoTarget, time: number) {
  const fetches = createLimiter(fetchesAtOnce, time)
  const scans = createLimiter(scansAtOnce, time)

  const findBatches: FindBatches = async function* (filter, options, isScan = false) {
    const find = { find: collection, filter, ...options, batchSize: firstBatch }
    const cursor = await connection.use(time, async (db) =>
      db.runCursorCommand(find, { raw: true }),
    )
    const fetch = () => connection.use(time, () => cursor.hasNext())
    try {
      let turns = isScan ? scans : fetches
      while (await turns.run(fetch)) {
        // Its next batches do not wait for those that begin.
        turns = fetches
        const documents = cursor.readBufferedDocuments().flatMap(bytesOf)
        const bytes = documents.reduce((sum, { length }) => sum + length, 0)
        cursor.setBatchSize(nextBatchSize(documents.length, bytes))
        yield { documents, bytes, isLast: cursor.id?.isZero() === true }
      }
    } finally {
      // Not waited for: this may be the server that did not answer.
      void cursor.close().catch(() => {})
    }
  }
  return { findBatches, scanInTurn: scans.run }
}

function nextBatchSize(documents: number, bytes: number): number {
  const wanted = Math.floor((batchBytes * documents) / Math.max(bytes, 1))
  return Math.min(Math.max(wanted, 1), documents * 2)
}

/** With `raw`, the driver's documents are bytes, which its types do not say. */
export const bytesOf = (value: unknown): Uint8Array[] =>
  value instanceof Uint8Array ? [value] : []
