// Large documents are in memory one after the other, whoever asks for them.
import { setTimeout as sleep } from 'node:timers/promises'
import { nextPiece } from '../fair-turns.ts'
import { createLimiter } from './limiter.ts'

// Bytes in memory at once: the largest document alone, or a number of smaller ones.
const bytesAtOnce = 16 * 1024 * 1024
// Milliseconds that a reader waits for those before it.
const maxWait = 10_000

/**
 * Runs `use`, which has a document of this size in memory until it ends, in its turn.
 * @throws StoreError `overloaded` if its turn does not come in time
 */
export type LargeQueue = <T>(bytes: number, use: () => T | Promise<T>) => Promise<T>

/** Makes the queue of a store. */
export function createLargeQueue(): LargeQueue {
  const { run } = createLimiter(bytesAtOnce, maxWait)
  return (bytes, use) =>
    run(async () => {
      await nextPiece()
      try {
        return await use()
      } finally {
        // SQLite reads 16 MiB in 7 to 30 ms, in one native call (measured), and others need several turns
        // of the event loop for a request.
        await sleep(bytes / (1024 * 1024))
      }
    }, bytes)
}
