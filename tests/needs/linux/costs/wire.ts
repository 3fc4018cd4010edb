// An attacker's connection: sends what it is given, and counts the answers by their status lines.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const statusLine = Buffer.from('HTTP/1.1 ')

export interface Wire {
  readonly socket: Socket
  readonly gone: boolean
  /** Resolves when the system has taken the bytes, or the connection is gone. */
  send(bytes: string | Uint8Array): Promise<void>
  /** Resolves when N answers have begun in all, or the connection is gone. */
  answers(total: number): Promise<void>
  /** Ends it with a reset. */
  reset(): void
}

/**
 * Connects; if nobody listens, the connection is gone at once. `count` gets each status, and the bytes.
 */
export async function openWire(
  port: number,
  count: (what: string, times?: number) => void,
): Promise<Wire> {
  // From several addresses: one has 28,000 ports.
  const localAddress = `127.0.0.${2 + Math.floor(Math.random() * 200)}`
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
  let answered = 0
  let wake = () => {}
  socket.on('error', () => {})
  socket.on('close', () => wake())
  onStatus(socket, (status, bytes) => {
    count('bytes', bytes)
    if (status === undefined) return
    count(status)
    if (status === '100') return
    answered++
    wake()
  })
  await once(socket, 'connect').catch(() => count('unreachable'))
  return {
    socket,
    get gone() {
      return socket.destroyed || !socket.writable
    },
    async send(bytes) {
      if (!socket.writable || socket.write(bytes)) return
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {})
    },
    async answers(total) {
      while (answered < total && !socket.destroyed) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    reset: () => void socket.resetAndDestroy(),
  }
}

// A status line may come in two chunks: what could be its beginning is kept.
function onStatus(socket: Socket, seen: (status: string | undefined, bytes: number) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    seen(undefined, chunk.length)
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    let at = 0
    for (;;) {
      const found = bytes.indexOf(statusLine, at)
      if (found < 0 || found + 12 > bytes.length) break
      at = found + 12
      seen(bytes.toString('latin1', found + 9, at), 0)
    }
    rest = Buffer.from(bytes.subarray(Math.max(at, bytes.length - 11)))
  })
}

/** Lets a client read this many bytes a second and no more. */
export async function readSlowly({ socket }: Wire, bytesPerSecond: number): Promise<void> {
  let left = 0
  socket.on('data', (chunk) => {
    left -= chunk.length
    if (left <= 0) socket.pause()
  })
  while (!socket.closed) {
    left = Math.min(left + bytesPerSecond / 10, bytesPerSecond / 10)
    if (left > 0) socket.resume()
    await sleep(100)
  }
}
