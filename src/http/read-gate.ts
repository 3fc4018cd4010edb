// Stops reading from all connections for the rest of a turn of the event loop that brought too much.
import type { Socket } from 'node:net'

// A read of 64 KiB has up to 2,400 requests. 100 such reads in one turn kept all others waiting for a second.
const waitingPerTurn = 1_000

/** Makes the gate of a server. */
export function createReadGate() {
  const sockets = new Set<Socket>()
  let waiting = 0
  let scheduled = false
  let stopped: Socket[] = []

  const nextTurn = () => {
    scheduled = false
    waiting = 0
    for (const socket of stopped) socket.resume()
    stopped = []
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
      const before = waiting
      waiting += requests
      if (!scheduled) {
        scheduled = true
        setImmediate(nextTurn)
      }
      if (before >= waitingPerTurn || waiting < waitingPerTurn) return
      // libuv asks before each read whether it is still wanted: those of this turn count already.
      for (const socket of sockets) {
        if (socket.isPaused()) continue
        socket.pause()
        stopped.push(socket)
      }
    },
  }
}
