// Stops reading from all connections when a turn of the event loop has brought too much, and goes on with few at a time.
import type { Socket } from 'node:net'

// A read of 64 KiB has up to 2,400 requests. 100 such reads in one turn kept all others waiting for a second.
const waitingPerTurn = 1_000

// Bytes of requests that have not begun: up to 64 KiB of a body came with each head, and no budget counts them yet. 8,000
// connections that sent so much at once made 771 MiB.
const waitingBytesAtOnce = 8 * 1024 * 1024

// Connections that are read again in each turn after that: 64 KiB of each take 13 ms. With all at once
// the gate closed again and again, 30 ms each time for 8,000.
const againPerTurn = 32

/**
 * Makes the gate of a server. `waitingBytes` are those of requests that have come and not begun; a connection that
 * `isReceiving` a body is not stopped.
 */
export function createReadGate(
  waitingBytes: () => number,
  isReceiving: (socket: Socket) => boolean,
) {
  const sockets = new Set<Socket>()
  let waiting = 0
  let scheduled = false
  let hasClosed = false
  const stopped: Socket[] = []

  const nextTurn = () => {
    waiting = 0
    hasClosed = false
    if (waitingBytes() < waitingBytesAtOnce / 2) {
      for (const socket of stopped.splice(0, againPerTurn / 2)) socket.resume()
      for (const socket of stopped.splice(-againPerTurn / 2)) socket.resume()
    }
    scheduled = stopped.length > 0
    if (scheduled) setImmediate(nextTurn)
  }

  const schedule = () => {
    if (scheduled) return
    scheduled = true
    setImmediate(nextTurn)
  }

  // libuv asks before each read whether it is still wanted: those of this turn count already.
  const close = () => {
    if (hasClosed) return
    hasClosed = true
    schedule()
    for (const socket of sockets) {
      if (socket.isPaused() || isReceiving(socket)) continue
      socket.pause()
      stopped.push(socket)
    }
  }

  return {
    get connections() {
      return sockets.size
    },
    /** Until it closes. */
    mind(socket: Socket): void {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    },
    closeAll(): void {
      for (const socket of sockets) socket.destroy()
    },
    /** This many requests arrived that cannot begin yet. */
    count(requests: number): void {
      waiting += requests
      schedule()
      if (waiting >= waitingPerTurn) close()
    },
    /** A request arrived that begins in its turn. */
    checkBytes(): void {
      if (waitingBytes() > waitingBytesAtOnce) close()
    },
  }
}
