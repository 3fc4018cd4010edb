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
const againPerTurn = 32

// Ends of connections, as requests: 11,000 in one turn took 250 ms.
const endWork = 10

// Stopped connections that libuv takes out of its poll set in a turn, in the order in which they had something to read:
// whoever sends or connects after that comes after them.
const forgottenPerTurn = 1024

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
  const fresh = createStoppable(receiving)
  const used = createStoppable(receiving)
  let waiting = 0
  let scheduled = false
  let hasClosed = false
  let hasHeldBodies = false
  let notForgotten = 0

  const nextTurn = () => {
    waiting = 0
    hasClosed = false
    hasHeldBodies = false
    notForgotten -= forgottenPerTurn
    if (notForgotten > 0) leaveTurn()
    else if (waitingWork() < mostWaiting / 2) {
      const first = takeOldestAndNewest(
        used.stopped,
        againPerTurn - Math.min(fresh.stopped.length, againPerTurn / 2),
      )
      const others = takeOldestAndNewest(fresh.stopped, againPerTurn - first.length)
      for (const each of [...first, ...others]) each.resume()
    }
    scheduled = used.stopped.length + fresh.stopped.length > 0
    if (scheduled) setImmediate(nextTurn)
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
    notForgotten = Math.max(notForgotten, 0) + used.stop(holdBodies) + fresh.stop(holdBodies)
  }

  const count = (requests: number, holdBodies = false) => {
    waiting += requests
    schedule()
    if (waiting >= waitingPerTurn) close(holdBodies)
  }

  const countEnd = () => count(endWork, true)

  return {
    get connections() {
      return fresh.sockets.size + used.sockets.size
    },
    /** Until it closes. */
    mind(socket: Socket): void {
      fresh.sockets.add(socket)
      socket.once('end', countEnd)
      socket.once('close', () => fresh.sockets.delete(socket) || used.sockets.delete(socket))
    },
    /** It has had an answer: it is stopped after those that had one earlier, and read before those that had none. */
    prefer(socket: Socket): void {
      const isOpen = fresh.sockets.delete(socket) || used.sockets.delete(socket)
      if (isOpen) used.sockets.add(socket)
    },
    closeAll(): void {
      for (const socket of [...used.sockets, ...fresh.sockets]) socket.destroy()
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
  return {
    sockets,
    /** Those that are not read, the longest first. */
    stopped,
    /** Returns how many were read until now. */
    stop(holdBodies: boolean): number {
      const before = stopped.length
      for (const socket of sockets) {
        if (socket.isPaused()) continue
        const body = receiving(socket)
        if (body && !holdBodies) continue
        // The time until then does not count as the client's, and the body may have to wait for more than the gate.
        const reading = body?.reading
        reading?.pause()
        socket.pause()
        stopped.push(reading ?? socket)
      }
      return stopped.length - before
    },
  }
}

// Half of each: whoever came, or was stopped, after thousands does not wait for them all.
function takeOldestAndNewest(stopped: Pausable[], most: number): Pausable[] {
  const oldest = stopped.splice(0, Math.ceil(most / 2))
  return [...oldest, ...stopped.splice(Math.max(stopped.length - (most - oldest.length), 0))]
}
