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

// A client thinks if its next request comes this many milliseconds, and two turns, after it could: one that asks as fast
// as it can has sent it when it is read again. Those that think are read first. 2,000 clients that asked for the head of a
// document of 48 kB, 0.3 s of work, kept one that asks ten times a second waiting for 0.4 to 1.2 s, and now for 0.04.
const leastThinkTime = 10
// Requests in a row that came sooner, after which it no longer counts as one that thinks.
const mostInHaste = 4

// While others are stopped, a connection is stopped after each answer of a round of four but the first, after which it
// shows whether it asks again at once. To stop it and read it again takes 10 us, as long as a short request, so after
// eight short turns it is stopped after the last of the round alone: 512 clients that asked for `/` had 1.3 times as many
// answers. After one short turn it is too early: a client beside 400 that asked for 48 kB waited twice as long.
const answersPerRound = 4
const shortTurnsBefore = 8

/** What the gate keeps of a connection. In tables of its own it would cost each `GET /` 2 % of its time. */
export interface Gated {
  readonly socket: Socket
  /** The request whose body is under way. */
  readonly receiving: () => IncomingRequest | undefined
  answers: number
  /** The number of its last one among those of all connections. */
  lastAnswer: number
  /**
   * From when the think time before its next request counts, in milliseconds of `performance.now()`: its last answer while
   * others were stopped, else its last request, moved on by the time for which it was stopped.
   */
  readSince: number
  /** When it was stopped last, in the same milliseconds. */
  stoppedAt: number
  /** Requests in a row that came at once, `mostInHaste` at most. */
  inHaste: number
  /** What goes on when it is read again. */
  held: Pausable | undefined
}

/**
 * Makes the gate of a server. `waitingWork`, in bytes, is that of requests that have come and not begun; a connection with a
 * body under way is stopped only by ends. `leaveTurn` hears of each turn in which others wait for libuv to forget
 * stopped ones.
 */
export function createReadGate(waitingWork: () => number, leaveTurn: () => void) {
  const connections = new Set<Gated>()
  // Those that are not read, the longest first: of clients that ask as fast as they can, of those that had no answer
  // yet, and of those that think.
  const hasty: Gated[] = []
  const fresh: Gated[] = []
  const thinking: Gated[] = []
  let answers = 0
  let waiting = 0
  let isClosed = false
  let scheduled = false
  let hasClosed = false
  let hasHeldBodies = false
  let notForgotten = 0
  let shortTurns = 0
  let turnedAt = 0
  let lastTurnAt = 0
  let turnBeforeAt = 0

  const stopped = () => hasty.length + fresh.length + thinking.length

  // Half of a turn is for those that think, half of the rest for those that had no answer.
  const takeStopped = () => {
    const most = shortTurns > 0 ? mostAgain : leastAgain
    const first = takeOldestAndNewest(
      thinking,
      most - Math.min(fresh.length + hasty.length, most >> 1),
    )
    const left = most - first.length
    const second = takeOldestAndNewest(fresh, left - Math.min(hasty.length, left >> 1))
    return [...first, ...second, ...hasty.splice(0, left - second.length)]
  }

  const readAgain = (connection: Gated) => {
    const { held } = connection
    // Twice stopped: a body that is given up meanwhile reads on.
    if (!held) return
    connection.held = undefined
    connection.readSince += turnedAt - connection.stoppedAt
    held.resume()
  }

  const stopOne = (connection: Gated, holdBodies: boolean) => {
    const { socket, receiving } = connection
    if (socket.isPaused() || socket.destroyed) return
    const body = receiving()
    if (body && !holdBodies) return
    // The time until then does not count as the client's, and the body may have to wait for more than the gate.
    const reading = body?.reading
    reading?.pause()
    socket.pause()
    connection.held = reading ?? socket
    connection.stoppedAt = turnedAt
    if (connection.answers === 0) fresh.push(connection)
    else if (connection.inHaste < mostInHaste) thinking.push(connection)
    else hasty.push(connection)
  }

  // Those last that had an answer last. Returns how many were read until now.
  const stopAll = (holdBodies: boolean) => {
    const before = stopped()
    const read = [...connections].filter(({ socket }) => !socket.isPaused())
    read.sort((one, other) => one.lastAnswer - other.lastAnswer)
    for (const connection of read) stopOne(connection, holdBodies)
    return stopped() - before
  }

  const nextTurn = () => {
    const now = performance.now()
    shortTurns = now - turnedAt < shortTurn ? shortTurns + 1 : 0
    turnBeforeAt = lastTurnAt
    lastTurnAt = turnedAt
    turnedAt = now
    waiting = 0
    hasClosed = false
    hasHeldBodies = false
    notForgotten -= forgottenPerTurn
    if (notForgotten > 0) leaveTurn()
    else if (waitingWork() < mostWaiting / 2) {
      for (const each of takeStopped()) readAgain(each)
    }
    isClosed = stopped() > 0
    scheduled = isClosed
    if (scheduled) setImmediate(nextTurn)
  }

  const schedule = () => {
    if (scheduled) return
    scheduled = true
    shortTurns = 0
    turnedAt = performance.now()
    lastTurnAt = turnedAt
    turnBeforeAt = turnedAt
    setImmediate(nextTurn)
  }

  // libuv asks before each read whether it is still wanted: those of this turn count already.
  const close = (holdBodies: boolean) => {
    if (holdBodies ? hasHeldBodies : hasClosed) return
    hasClosed = true
    hasHeldBodies = holdBodies
    schedule()
    const more = stopAll(holdBodies)
    isClosed ||= more > 0
    notForgotten = Math.max(notForgotten, 0) + more
  }

  const count = (requests: number, holdBodies = false) => {
    waiting += requests
    schedule()
    if (waiting >= waitingPerTurn) close(holdBodies)
  }

  const countEnd = () => count(endWork, true)

  return {
    get connections() {
      return connections.size
    },
    /** Whether some connections are stopped: they may have sent what has not been read. */
    get isClosed() {
      return isClosed
    },
    /** Until it closes. `receiving`: its request whose body is under way. */
    mind(socket: Socket, receiving: Gated['receiving']): Gated {
      const connection: Gated = {
        socket,
        receiving,
        answers: 0,
        lastAnswer: 0,
        // Until its first request: how long that takes says nothing of the next.
        readSince: Number.POSITIVE_INFINITY,
        stoppedAt: 0,
        inHaste: mostInHaste,
        held: undefined,
      }
      connections.add(connection)
      socket.once('end', countEnd)
      socket.once('close', () => connections.delete(connection))
      return connection
    },
    /**
     * It has had an answer: it is stopped after those that had one earlier. While others are stopped, it is read after them: of
     * 400 clients that asked for 48 kB half were read again and again, and some of the others not for 20 s.
     */
    countAnswer(connection: Gated): void {
      connection.lastAnswer = ++answers
      connection.answers++
      if (!isClosed) return
      connection.readSince = turnedAt
      const inRound = connection.answers % answersPerRound
      if (shortTurns < shortTurnsBefore ? inRound !== 1 : inRound === 0) stopOne(connection, false)
    },
    closeAll(): void {
      for (const { socket } of connections) socket.destroy()
    },
    /** This many requests arrived that cannot begin yet. */
    count: (requests: number) => count(requests),
    /** A connection has ended. */
    countEnd,
    /** A request arrived that begins in its turn, at `now`. */
    countRequest(connection: Gated, now: number): void {
      const at = isClosed ? turnBeforeAt : now
      if (at - connection.readSince >= leastThinkTime) connection.inHaste = 0
      else if (connection.inHaste < mostInHaste) connection.inHaste++
      connection.readSince = now
      if (waitingWork() > mostWaiting) close(false)
    },
  }
}

// Whoever comes after thousands does not wait for them all.
function takeOldestAndNewest(stopped: Gated[], most: number): Gated[] {
  const oldest = stopped.splice(0, Math.ceil(most / 2))
  return [...oldest, ...stopped.splice(Math.max(stopped.length - (most - oldest.length), 0))]
}
