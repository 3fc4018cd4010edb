// Takes uploads in turns: a few are parsed at once, some wait, and more are refused.
import { turnWithTime } from '../fair-turns.ts'
import type { TakeTurn } from '../http/body.ts'
import { overloaded } from '../http/problem.ts'
import { createLimiter } from '../store/limiter.ts'

// Those that wait are not read: 250 that were reset kept 58 MB of documents for minutes, and with turns 40 MB for
// twenty seconds.
const atOnce = 8
// Milliseconds.
const maxWait = 60_000
// Each has up to 64 KiB that came with its head.
const maxBeginning = 64

const tooMany = () => overloaded('Too many uploads at the same time.')

/**
 * Makes the turns of uploads; each call makes those of one. A turn rejects with `overloaded` if 64 others wait for
 * their first, or if it does not come within a minute.
 */
export function createUploadTurns(): () => TakeTurn {
  const parsing = createLimiter(atOnce, maxWait)
  let beginning = 0

  const takeTurn: TakeTurn = () =>
    new Promise((resolve, reject) => {
      const run = async () => {
        // Or all those that have little to parse would do it in one turn of the event loop.
        await turnWithTime()
        await new Promise<void>(resolve)
      }
      parsing.run(run).catch(() => reject(tooMany()))
    })
  const takeFirst: TakeTurn = async () => {
    if (beginning >= maxBeginning) throw tooMany()
    beginning++
    try {
      return await takeTurn()
    } finally {
      beginning--
    }
  }

  return () => {
    let take = takeFirst
    return () => {
      const turn = take()
      take = takeTurn
      return turn
    }
  }
}
