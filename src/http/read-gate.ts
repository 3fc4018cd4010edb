// Stops reading from all connections when a turn of the event loop has brought too much, and goes on with few at a time.
import type { Socket } from 'node:net'
import type { IncomingRequest, Pausable } from './incoming-request.ts'

// A read of 64 KiB has up to 2,400 requests. 100 such reads in one turn kept all others waiting for a second.
const waitingPerTurn = 1_000

// Bytes of requests that have not begun, and what the work of each counts as (request-turns.ts). Up to 64 KiB of a body
// came with each head, and no budget counts them yet: 8,000 connections that sent so much at once made 771 MiB.
const mostWaiting = 8 * 1024 * 1024

// Connections that are read again in each turn after that: 64 KiB of each take 13 ms. With all at once
// the gate closed again and again, 30 ms each time for 8,000.
const leastAgain = 32
// Twice as many after a turn of less than 5 ms: 32 short requests take 1 ms, and a turn costs as much besides. Not more: with
// what waits already they must not close the gate, or some would be stopped again and again before they are read.
const mostAgain = 64
const shortTurn = 5

// Ends of connections, as requests: 11,000 in one turn took 250 ms.
const endWork = 10

// Stopped connections that libuv takes out of its poll set in a turn, in the order in which they had something to read:
// whoever sends or connects after that comes after them.
const forgottenPerTurn = 1024

// The answers that a connection needs for each level above the lowest. A client that asks ten times a second is soon above
// 11,000 others, each of which is answered once every few seconds: on one level with them it waited for up to 1 s when all
// left at once. With more levels than these the lowest would get nothing of a turn.
const leastAnswers = [1, 2, 16, 128, 1024]

// Up to N stopped connections are read in their order. Beside 400 that ask at once for 48 kB, 70 ms of work, one that asks ten
// times a second is read again before it asks.
const manyStopped = 1_000

/**
 * Makes the gate of a server. `waitingWork`, in bytes, is that of requests that have come and not begun; a connection with a
 * body under way, which `receiving` gives, is stopped only by ends. `leaveTurn` hears of each turn in which others wait
 * for libuv to forget stopped ones.
 */
export function createReadGate(
  waitingWork: () => number,
  receiving: (socket: Socket) => IncomingRequest | undefined,
  leaveTurn: () => void,
) {
  const answersOf = new Map<Socket, number>()
  const fresh = createStoppable(receiving)
  const levels = [fresh, ...leastAnswers.map(() => createStoppable(receiving))]
  let waiting = 0
  let scheduled = false
  let hasClosed = false
  let hasHeldBodies = false
  let notForgotten = 0
  let againPerTurn = leastAgain
  let turnedAt = 0

  const levelOf = (answers: number) =>
    levels[leastAnswers.findLastIndex((least) => answers >= least) + 1] ?? fresh

  // Half of a turn is for the level of those with most answers, half of the rest for the next one, and so on.
  const takeStopped = () => {
    const taken: Pausable[] = []
    let waitingBelow = sum(levels, ({ stopped }) => stopped.length)
    for (const { stopped } of levels.toReversed()) {
      const left = againPerTurn - taken.length
      waitingBelow -= stopped.length
      taken.push(...takeOldestAndNewest(stopped, left - Math.min(waitingBelow, left >> 1)))
    }
    return taken
  }

  const nextTurn = () => {
    const now = performance.now()
    againPerTurn = now - turnedAt < shortTurn ? Math.min(2 * againPerTurn, mostAgain) : leastAgain
    turnedAt = now
    waiting = 0
    hasClosed = false
    hasHeldBodies = false
    notForgotten -= forgottenPerTurn
    if (notForgotten > 0) leaveTurn()
    else if (waitingWork() < mostWaiting / 2) {
      for (const each of takeStopped()) each.resume()
    }
    scheduled = isClosed()
    if (scheduled) setImmediate(nextTurn)
  }

  const isClosed = () => levels.some(({ stopped }) => stopped.length > 0)

  const schedule = () => {
    if (scheduled) return
    scheduled = true
    setImmediate(nextTurn)
  }

  // libuv asks before each read whether it is still wanted: those of this turn count already.
  const close = (holdBodies: boolean) => {
    if (holdBodies ? hasHeldBodies : hasClosed) return
    hasClosed = true
    hasHeldBodies = holdBodies
    schedule()
    notForgotten = Math.max(notForgotten, 0) + sum(levels, (level) => level.stop(holdBodies))
  }

  const count = (requests: number, holdBodies = false) => {
    waiting += requests
    schedule()
    if (waiting >= waitingPerTurn) close(holdBodies)
  }

  const countEnd = () => count(endWork, true)

  return {
    get connections() {
      return answersOf.size
    },
    /** Whether some connections are stopped, and may have sent what has not been read. */
    isClosed,
    /** Until it closes. */
    mind(socket: Socket): void {
      answersOf.set(socket, 0)
      fresh.sockets.add(socket)
      socket.once('end', countEnd)
      socket.once('close', () => {
        levelOf(answersOf.get(socket) ?? 0).sockets.delete(socket)
        answersOf.delete(socket)
      })
    },
    /**
     * It has had an answer: it is stopped after those that had one earlier, and read before those that had few. While others
     * are stopped, it is read after them: of 400 clients that asked for 48 kB half were read again and again, and some of
     * the others not for 20 s.
     */
    countAnswer(socket: Socket): void {
      const answers = answersOf.get(socket)
      if (answers === undefined) return
      levelOf(answers).sockets.delete(socket)
      levelOf(answers + 1).sockets.add(socket)
      answersOf.set(socket, answers + 1)
      if (isClosed()) levelOf(answers + 1).stopOne(socket, false)
    },
    closeAll(): void {
      for (const socket of [...answersOf.keys()]) socket.destroy()
    },
    /** This many requests arrived that cannot begin yet. */
    count: (requests: number) => count(requests),
    /** A connection has ended. */
    countEnd,
    /** A request arrived that begins in its turn. */
    checkWork(): void {
      if (waitingWork() > mostWaiting) close(false)
    },
  }
}

function createStoppable(receiving: (socket: Socket) => IncomingRequest | undefined) {
  const sockets = new Set<Socket>()
  const stopped: Pausable[] = []
  const stopOne = (socket: Socket, holdBodies: boolean) => {
    if (socket.isPaused()) return
    const body = receiving(socket)
    if (body && !holdBodies) return
    // The time until then does not count as the client's, and the body may have to wait for more than the gate.
    const reading = body?.reading
    reading?.pause()
    socket.pause()
    stopped.push(reading ?? socket)
  }
  return {
    sockets,
    /** Those that are not read, the longest first. */
    stopped,
    /** Returns how many were read until now. */
    stop(holdBodies: boolean): number {
      const before = stopped.length
      for (const socket of sockets) stopOne(socket, holdBodies)
      return stopped.length - before
    },
    stopOne,
  }
}

const sum = <T>(of: readonly T[], count: (each: T) => number): number =>
  of.reduce((total, each) => total + count(each), 0)

// If there are more than that, half of each: whoever came, or was stopped, after thousands does not wait for them all.
function takeOldestAndNewest(stopped: Pausable[], most: number): Pausable[] {
  const oldest = stopped.splice(0, stopped.length > manyStopped ? Math.ceil(most / 2) : most)
  return [...oldest, ...stopped.splice(Math.max(stopped.length - (most - oldest.length), 0))]
}
