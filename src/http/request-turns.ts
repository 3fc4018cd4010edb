// Shares each turn of the event loop between connections: some requests begin in each, the others later.
import { createTimedTurns, shortWorkWaiting } from '../fair-turns.ts'

// Milliseconds of a turn for requests that hold few bytes, and for those that hold many.
const turnTime = 5
// With more bytes than this a request takes as long as several others: one with a body of 64 KiB 0.3 ms.
const lightBytes = 16 * 1024
// For requests that waited for another of their connection. They do not keep reading from going on: with 200 connections of 100
// requests each nobody else was read for 2 s.
const nextTime = 2
// What a request costs beside its bytes, for the read gate, and short work that waits: it stops at 8 MiB, 128 short ones.
// 11,000 that all waited here kept others waiting for 1 to 2 s, and with 256 for 0.3.
const requestWork = 64 * 1024

/**
 * Makes the turns. If fewer requests come than a turn has time for, `run` has each at once. `bytesOf` is how many bytes a
 * request may hold while it waits: those with many do not delay those with few.
 */
export function createRequestTurns<T>(run: (request: T) => void, bytesOf: (request: T) => number) {
  let waitingWork = 0
  const start = (request: T) => {
    waitingWork -= bytesOf(request) + requestWork
    run(request)
  }
  const light = createTimedTurns(turnTime, start)
  const heavy = createTimedTurns(turnTime, start)
  const next = createTimedTurns(nextTime, run)
  const wait = (turns: typeof light, request: T, bytes: number) => {
    waitingWork += bytes + requestWork
    turns.startLater(request)
  }

  return {
    get waiting() {
      return light.waiting + heavy.waiting + next.waiting
    },
    /** Bytes that those may hold which did not wait for another of their connection, and what the work of each counts as. */
    get waitingWork() {
      return waitingWork + shortWorkWaiting() * requestWork
    },
    /** Begins a request now, or in a later turn if others wait. */
    begin(request: T) {
      const bytes = bytesOf(request)
      const turns = bytes > lightBytes ? heavy : light
      if (turns.mayStart()) run(request)
      else wait(turns, request, bytes)
    },
    /** Begins a request in a later turn: its connection has had one in this turn. */
    beginLater(request: T) {
      const bytes = bytesOf(request)
      if (bytes > lightBytes) wait(heavy, request, bytes)
      else next.startLater(request)
    },
  }
}
