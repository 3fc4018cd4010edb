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

// While others are stopped, a connection is stopped after its answer, or after one short answer of four if the last eight
// turns were short: to stop it and read it again takes 10 us, as long as a short request. 512 clients that asked for `/`
// had 1.3 times as many answers. After one short turn it is too early: a client beside 400 that asked for 48 kB waited
// twice as long.
const answersPerStop = 4
const shortTurnsBefore = 8

// Ends of connections, as requests: 11,000 in one turn took 250 ms.
const endWork = 10

// Stopped connections that libuv takes out of its poll set in a turn, in the order in which they had something to read:
// whoever sends or connects after that comes after them.
const forgottenPerTurn = 1024

// The short answers that a connection needs for each level above the lowest. A client that asks ten times a second is soon above
// 11,000 others, each of which is answered once every few seconds: on one level with them it waited for up to 1 s when all
// left at once. With more levels than these the lowest would get nothing of a turn.
const leastAnswers = [1, 2, 16, 128, 1024]

// Bytes of an answer that is not short. Beside 2,000 clients that asked for 48 kB, 0.4 s of work, one that asked for little
// waited for 0.8 s on one level with them, and now 0.2 to 0.3.
const longAnswer = 16 * 1024

// Up to N stopped connections are read in their order. Beside 400 that ask at once for 48 kB, 70 ms of work, one that asks ten
// times a second is read again before it asks.
const manyStopped = 1_000

/** What the gate keeps of a connection. In tables of its own it would cost each `GET /` 2 % of its time. */
export interface Gated {
  readonly socket: Socket
  /** The request whose body is under way. */
  readonly receiving: () => IncomingRequest | undefined
  shortAnswers: number
  bytesWritten: number
  /** The number of its last one among those of all connections. */
  lastAnswer: number
  level: number
}

/**
 * Makes the gate of a server. `waitingWork`, in bytes, is that of requests that have come and not begun; a connection with a
 * body under way is stopped only by ends. `leaveTurn` hears of each turn in which others wait for libuv to forget
 * stopped ones.
 */
export function createReadGate(waitingWork: () => number, leaveTurn: () => void) {
  const fresh = createStoppable()
  const levels = [fresh, ...leastAnswers.map(createStoppable)]
  const levelOf = ({ level }: Gated) => levels[level] ?? fresh
  let answers = 0
  let waiting = 0
  let isClosed = false
  let scheduled = false
  let hasClosed = false
  let hasHeldBodies = false
  let notForgotten = 0
  let shortTurns = 0
  let turnedAt = 0

  // Half of a turn is for the level of those with most answers, half of the rest for the next one, and so on.
  const takeStopped = () => {
    const taken: Pausable[] = []
    const againPerTurn = shortTurns > 0 ? mostAgain : leastAgain
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
    shortTurns = now - turnedAt < shortTurn ? shortTurns + 1 : 0
    turnedAt = now
    waiting = 0
    hasClosed = false
    hasHeldBodies = false
    notForgotten -= forgottenPerTurn
    if (notForgotten > 0) leaveTurn()
    else if (waitingWork() < mostWaiting / 2) {
      for (const each of takeStopped()) each.resume()
    }
    isClosed = levels.some(({ stopped }) => stopped.length > 0)
    scheduled = isClosed
    if (scheduled) setImmediate(nextTurn)
  }

  // A connection that has closed is in no level.
  const rise = (connection: Gated) => {
    const isOpen = levelOf(connection).connections.delete(connection)
    connection.level++
    if (isOpen) levelOf(connection).connections.add(connection)
  }

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
    const stopped = sum(levels, (level) => level.stop(holdBodies))
    isClosed ||= stopped > 0
    notForgotten = Math.max(notForgotten, 0) + stopped
  }

  const count = (requests: number, holdBodies = false) => {
    waiting += requests
    schedule()
    if (waiting >= waitingPerTurn) close(holdBodies)
  }

  const countEnd = () => count(endWork, true)

  return {
    get connections() {
      return sum(levels, ({ connections }) => connections.size)
    },
    /** Whether some connections are stopped: they may have sent what has not been read. */
    get isClosed() {
      return isClosed
    },
    /** Until it closes. `receiving`: its request whose body is under way. */
    mind(socket: Socket, receiving: Gated['receiving']): Gated {
      const connection = {
        socket,
        receiving,
        shortAnswers: 0,
        bytesWritten: 0,
        lastAnswer: 0,
        level: 0,
      }
      fresh.connections.add(connection)
      socket.once('end', countEnd)
      socket.once('close', () => levelOf(connection).connections.delete(connection))
      return connection
    },
    /**
     * It has had an answer: it is stopped after those that had one earlier, and read before those that had fewer short ones.
     * While others are stopped, it is read after them: of 400 clients that asked for 48 kB half were read again and again,
     * and some of the others not for 20 s.
     */
    countAnswer(connection: Gated): void {
      connection.lastAnswer = ++answers
      const { bytesWritten } = connection.socket
      const isShort = bytesWritten - connection.bytesWritten < longAnswer
      connection.bytesWritten = bytesWritten
      if (isShort && ++connection.shortAnswers === leastAnswers[connection.level]) rise(connection)
      if (!isClosed) return
      const mayGoOn = shortTurns >= shortTurnsBefore && connection.shortAnswers % answersPerStop > 0
      if (!isShort || !mayGoOn) levelOf(connection).stopOne(connection, false)
    },
    closeAll(): void {
      for (const { connections } of levels) {
        for (const { socket } of connections) socket.destroy()
      }
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

function createStoppable() {
  const connections = new Set<Gated>()
  const stopped: Pausable[] = []
  const stopOne = ({ socket, receiving }: Gated, holdBodies: boolean) => {
    if (socket.isPaused() || socket.destroyed) return
    const body = receiving()
    if (body && !holdBodies) return
    // The time until then does not count as the client's, and the body may have to wait for more than the gate.
    const reading = body?.reading
    reading?.pause()
    socket.pause()
    stopped.push(reading ?? socket)
  }
  return {
    connections,
    /** Those that are not read, the longest first. */
    stopped,
    /** Stops those last that had an answer last. Returns how many were read until now. */
    stop(holdBodies: boolean): number {
      const before = stopped.length
      const read = [...connections].filter(({ socket }) => !socket.isPaused())
      read.sort((one, other) => one.lastAnswer - other.lastAnswer)
      for (const connection of read) stopOne(connection, holdBodies)
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
