// Group commit: what arrives while a batch is under way forms the next batch.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EncodedDocument, InsertResult } from './document-store.ts'
import { StoreError } from './store-error.ts'

export interface GroupCommitOptions {
  /** Writes a batch: one result each, in order. Rejects with a StoreError where all of it failed. */
  readonly write: (batch: readonly EncodedDocument[]) => Promise<InsertResult[]>
  /** Documents of one batch. */
  readonly maxDocuments?: number
  /** Bytes of one batch. MongoDB takes messages of 48,000,000. */
  readonly maxBytes?: number
  /** Bytes that may wait. One insert is taken whatever its size when nothing waits. */
  readonly maxQueuedBytes?: number
}

export interface GroupCommit {
  /** Documents that wait for a batch. */
  readonly waiting: number
  /** One result each, in order. Never rejects. */
  insert(documents: readonly EncodedDocument[]): Promise<InsertResult[]>
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>
}

interface Waiting {
  readonly document: EncodedDocument
  readonly settle: (result: InsertResult) => void
}

/**
 * Makes a group commit. Alone, a document waits for nothing but the end of the present turn of the
 * event loop. Under load one round trip, or one fsync, serves all that came in the meantime:
 * measured at 64 connections, 10 to 14 times the rate of one insert a round trip.
 */
export function createGroupCommit({
  write,
  maxDocuments = 1000,
  maxBytes = 16_000_000,
  maxQueuedBytes = 64 * 1024 * 1024,
}: GroupCommitOptions): GroupCommit {
  let queue: Waiting[] = []
  // Where the queue begins. What is behind is cut off when it is the larger half: cutting at each
  // batch would copy a long queue as often as it has batches.
  let head = 0
  let queuedBytes = 0
  let running = false
  let idleWaiters: (() => void)[] = []

  const nextBatch = (): Waiting[] => {
    let bytes = 0
    let count = 0
    for (; head + count < queue.length && count < maxDocuments; count++) {
      bytes += queue[head + count]?.document.bson.length ?? 0
      if (count > 0 && bytes > maxBytes) break
    }
    const batch = queue.slice(head, head + count)
    head += count
    if (head > queue.length / 2) {
      queue = queue.slice(head)
      head = 0
    }
    return batch
  }

  const settleAll = (batch: readonly Waiting[], results: readonly InsertResult[]) => {
    batch.forEach(({ document, settle }, index) => {
      queuedBytes -= document.bson.length
      settle(results[index] ?? failed(new StoreError('refused', 'The store gave no result.')))
    })
  }

  const run = async () => {
    while (head < queue.length) {
      const batch = nextBatch()
      try {
        settleAll(batch, await write(batch.map(({ document }) => document)))
      } catch (error) {
        const result = failed(error)
        settleAll(
          batch,
          batch.map(() => result),
        )
        // What waited behind a batch that found no database has waited long enough: one more
        // such round would take it past its deadline.
        if (result.error.fault === 'unavailable') {
          const rest = queue.slice(head)
          head = queue.length
          settleAll(
            rest,
            rest.map(() => result),
          )
        }
      }
      // SQLite writes on the event loop itself: between two batches others have their turn, and
      // what they bring joins the next one.
      await nextTurn()
    }
    queue = []
    head = 0
    running = false
    for (const resolve of idleWaiters) resolve()
    idleWaiters = []
  }

  return {
    get waiting() {
      return queue.length - head
    },
    insert(documents) {
      const bytes = documents.reduce((sum, { bson }) => sum + bson.length, 0)
      if (queuedBytes > 0 && queuedBytes + bytes > maxQueuedBytes) {
        const result = failed(new StoreError('overloaded', 'Too many documents wait to be stored.'))
        return Promise.resolve(documents.map(() => result))
      }
      queuedBytes += bytes
      const { promise, resolve } = Promise.withResolvers<InsertResult[]>()
      const results: InsertResult[] = new Array(documents.length)
      let open = documents.length
      if (open === 0) resolve(results)
      documents.forEach((document, index) => {
        const settle = (result: InsertResult) => {
          results[index] = result
          if (--open === 0) resolve(results)
        }
        queue.push({ document, settle })
      })
      if (!running) {
        running = true
        // After the poll phase, so that all requests that this turn read go together.
        setImmediate(run)
      }
      return promise
    },
    idle() {
      return running ? new Promise((resolve) => idleWaiters.push(resolve)) : Promise.resolve()
    },
  }
}

function failed(error: unknown): { ok: false; reason: 'failed'; error: StoreError } {
  const known =
    error instanceof StoreError ? error : new StoreError('refused', 'The store failed.', error)
  return { ok: false, reason: 'failed', error: known }
}
