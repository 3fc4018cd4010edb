// Lets so many calls run at once; the others wait their turn, but not for ever.
import { StoreError } from './store-error.ts'

export interface Limiter {
  /** @throws StoreError `overloaded` where its turn did not come in time, or 10,000 wait already */
  run<T>(call: () => Promise<T>): Promise<T>
}

// Calls that may wait: each holds its request.
const maxWaiting = 10_000

/** Makes a limiter. `maxWait` is in milliseconds. */
export function createLimiter(limit: number, maxWait: number): Limiter {
  let running = 0
  const waiting = new Set<() => void>()

  const turn = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(timer)
        waiting.delete(start)
        resolve()
      }
      const timer = setTimeout(() => {
        waiting.delete(start)
        reject(tooMany())
      }, maxWait)
      waiting.add(start)
    })

  return {
    async run(call) {
      // Whoever ends hands its place over, so `running` stays what it is then.
      if (running < limit) running++
      else if (waiting.size < maxWaiting) await turn()
      else throw tooMany()
      try {
        return await call()
      } finally {
        const [next] = waiting
        if (next) next()
        else running--
      }
    },
  }
}

const tooMany = () => new StoreError('overloaded', 'Too many reads at the same time.')
