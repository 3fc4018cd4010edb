// Ends the wait for a database that does not answer.
import { StoreError } from './store-error.ts'

// Milliseconds. Whoever waits on a connection that was lost gets an error from the driver at once, but after a write of
// more than 16 KiB it waits until the socket has drained, and one that closes without an error never does (driver
// 7.9.0; about one kill of the database in 30, with 16 writers). Commands on good connections may go on for as long.
const graceAfterLoss = 1000

/** Makes the deadlines of one client. The driver has none: its `timeoutMS` does nothing (7.9.0). */
export function createDeadlines() {
  const underWay = new Set<() => void>()

  return {
    /**
     * Runs the work for at most that many milliseconds. At the signal the driver closes the connection, on which an
     * answer may still come.
     * @throws StoreError `unavailable` if the time is over, or what the work threw
     */
    run<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const giveUp = new AbortController()
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const expire = () => {
        giveUp.abort()
        reject(new StoreError('unavailable', 'The database does not answer.'))
      }
      let timer = setTimeout(expire, milliseconds)
      const hasten = () => {
        clearTimeout(timer)
        timer = setTimeout(expire, Math.min(milliseconds, graceAfterLoss))
        underWay.delete(hasten)
      }
      underWay.add(hasten)
      const attempt = async () => work(giveUp.signal)
      void attempt()
        .finally(() => {
          clearTimeout(timer)
          underWay.delete(hasten)
        })
        .then(resolve, reject)
      return promise
    },
    /** Connections were lost: what is under way now has `graceAfterLoss` left. */
    connectionsLost(): void {
      for (const hasten of underWay) hasten()
    },
  }
}
