// Lets a number of calls run at once, or large documents one after the other; the rest waits.
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { nextPiece } from '../fair-turns.ts'
import { expectRoom, tooManyCalls } from './store-error.ts'

/** Makes a limiter: the calls that run weigh at most `limit`. `maxWait` is in milliseconds. */
export function createLimiter(limit: number, maxWait: number) {
  let running = 0
  const waiting = new Map<() => void, number>()

  const turn = (weight: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        waiting.delete(start)
        reject(tooManyCalls('reads'))
        startNext() // it may have been the one that was too heavy
      }, maxWait)
      waiting.set(start, weight)
    })

  const fits = (weight: number) => running === 0 || running + weight <= limit

  // In order: a light one does not overtake one that waits for more room.
  const startNext = () => {
    for (const [start, weight] of waiting) {
      if (!fits(weight)) return
      running += weight
      waiting.delete(start)
      start()
    }
  }

  return {
    /**
     * A call may count as `weight`. One that weighs more than the limit runs alone.
     * @throws StoreError `overloaded` if its turn did not come in time, or 10,000 wait already
     */
    async run<T>(call: () => Promise<T>, weight = 1): Promise<T> {
      if (waiting.size === 0 && fits(weight)) running += weight
      else {
        expectRoom(waiting.size, 'reads')
        await turn(weight)
      }
      try {
        return await call()
      } finally {
        running -= weight
        startNext()
      }
    },
  }
}

/** Bytes in memory at once: the largest document alone, or a number of smaller ones. */
export const bytesAtOnce = 16 * 1024 * 1024
// Milliseconds that a reader waits for those before it.
const maxWait = 10_000

/**
 * Runs `use`, which has a document of this size in memory until it ends, in its turn, unless `expectReader` throws.
 * @throws StoreError `overloaded` if its turn does not come in time
 */
export type LargeQueue = <T>(
  bytes: number,
  use: () => T | Promise<T>,
  expectReader?: () => void,
) => Promise<T>

/** Makes the queue of a store. */
export function createLargeQueue(): LargeQueue {
  const { run } = createLimiter(bytesAtOnce, maxWait)
  return (bytes, use, expectReader) =>
    run(async () => {
      // Before the turn too: one that has left takes none from others.
      expectReader?.()
      await nextPiece()
      expectReader?.()
      const begunAt = performance.now()
      const used = use()
      const held = performance.now() - begunAt
      try {
        return await used
      } finally {
        // SQLite takes 7 to 50 ms for 16 MiB in one native call (measured), and a request needs several turns.
        await sleep(Math.max(bytes / (1024 * 1024), 2 * held))
      }
    }, bytes)
}
