// Runs write transactions one after the other, and waits between turns for another process's lock.
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { isBusy, sqliteError } from './sqlite-error.ts'
import { expectRoom } from './store-error.ts'

/**
 * Runs the work in a transaction of its own, at once if nobody else writes.
 * @throws StoreError `unavailable` if another process keeps the lock for 1.5 s, `overloaded` if 10,000 wait; the work's
 */
export type Write = <T>(work: () => T) => Promise<T>

// Milliseconds between two looks at the lock: each takes 6 microseconds (measured). SQLite's own wait,
// busy_timeout, would stop the event loop.
const step = 5
// Milliseconds. A request must have its 503 within 2 s.
const patience = 1500

/** Makes the one writer of a connection, whose busy_timeout must be 0. */
export function createWriter(db: DatabaseSync): Write {
  const waiting: { start: () => void; fail: (error: unknown) => void }[] = []
  let running = false

  const run = async () => {
    running = true
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      try {
        await begin(db)
        next.start()
      } catch (error) {
        // What waited after it has waited long enough.
        for (const { fail } of [next, ...waiting.splice(0)]) fail(error)
      }
      // Each has an fsync: a hundred in one turn would keep all else waiting.
      if (waiting.length > 0) await nextTurn()
    }
    running = false
  }

  return <T>(work: () => T) =>
    new Promise<T>((resolve, reject) => {
      expectRoom(waiting.length, 'writes')
      const start = () => {
        try {
          resolve(finish(db, work))
        } catch (error) {
          reject(sqliteError(error))
        }
      }
      waiting.push({ start, fail: reject })
      if (!running) void run()
    })
}

// IMMEDIATE: a transaction that read first could not get the write lock later.
async function begin(db: DatabaseSync): Promise<void> {
  for (const end = performance.now() + patience; ; await sleep(step)) {
    try {
      db.exec('BEGIN IMMEDIATE')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw sqliteError(error)
    }
  }
}

function finish<T>(db: DatabaseSync, work: () => T): T {
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // After some faults SQLite has rolled back already, and to do it again is another fault.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
