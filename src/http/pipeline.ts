// The requests of one connection: one is answered at a time, a few wait for it, the next is refused.
import type { Duplex } from 'node:stream'
import type { Underway } from './dispatch.ts'
import type { IncomingRequest } from './incoming-request.ts'

export type Pipeline = ReturnType<typeof createPipeline>

// Node parses a whole read of 64 KiB, 2,400 requests, before anything can stop it. A client that needs more
// answers than this at once opens another connection.
const maxWaiting = 16

/** Makes the pipeline of a new connection. */
export function createPipeline(socket: Duplex) {
  const open: Underway[] = []
  let refused: Underway | undefined
  let ended = false
  let brokenOff = false
  return {
    /** The requests that are not answered yet, oldest first: only the first has begun. */
    open,
    /** The request whose body is under way. */
    get receiving(): IncomingRequest | undefined {
      const request = open[0]?.request
      return request?.isReceiving ? request : undefined
    },
    /** Requests that wait for the one before them. */
    get waiting() {
      return Math.max(0, open.length - 1 - Number(refused !== undefined))
    },
    /**
     * Takes a request in, and says what to do with it: `ignore` if the connection has its last answer.
     * `mayWait`: whether there is room to wait, over all connections.
     */
    take(request: Underway, mayWait: boolean): 'begin' | 'wait' | 'refuse' | 'ignore' {
      if (ended) return 'ignore'
      open.push(request)
      if (open.length === 1) return 'begin'
      if (open.length <= maxWaiting + 1 && mayWait) return 'wait'
      refused = request
      ended = true
      return 'refuse'
    },
    /** The request is answered, or never will be. Returns the one that begins now. */
    done(request: Underway): Underway | undefined {
      const place = open.indexOf(request)
      if (place >= 0) open.splice(place, 1)
      if (!request.response.shouldKeepAlive || !socket.writable) {
        ended = true
        open.length = 0
      }
      return open[0] === refused ? undefined : open[0]
    },
    /** The connection is closed. */
    drop(): void {
      ended = true
      open.length = 0
    },
    /** True the first time: Node reports every chunk after a fault. */
    breakOff(): boolean {
      const isFirst = !brokenOff
      brokenOff = true
      return isFirst
    },
  }
}

/**
 * Reads no more of a connection that has its last answer, and lets go of what Node has read already: nothing of it
 * may be processed (RFC 9112, section 9.6). Without `onIncoming`, which is not public, each of 2,400 requests in a
 * read would cost 5 kB until the connection closes.
 */
export function ignoreRequests(socket: Duplex): void {
  socket.pause()
  const parser: unknown = Reflect.get(socket, 'parser')
  if (typeof parser === 'object' && parser !== null && 'onIncoming' in parser) {
    parser.onIncoming = () => 0
  }
}
