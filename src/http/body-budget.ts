// How many bytes of request bodies may be in memory at once, over all requests.
import { Problem } from './problem.ts'

export interface BodyBudget {
  readonly limit: number
  /** Throws the problem `overloaded` where the bytes do not fit any more. */
  reserve(bytes: number): void
  release(bytes: number): void
}

/** Makes a budget. Each body has its own limit; this one holds when many come at the same time. */
export function createBodyBudget(limit: number): BodyBudget {
  let used = 0
  return {
    limit,
    reserve(bytes) {
      if (used + bytes > limit) {
        throw new Problem('overloaded', 'Too many large bodies at the same time.', {}, [
          'Retry-After',
          '1',
        ])
      }
      used += bytes
    },
    release(bytes) {
      used -= bytes
    },
  }
}
