// One keep-alive connection, one request at a time: a client that costs little beside the service.
import type { Socket } from 'node:net'
import { openSocket } from '../../support/raw-request.ts'

export interface Reply {
  readonly status: number
  readonly head: string
  readonly text: string
}

export interface KeepAlive {
  /** Rejects if the connection ends before the answer is whole. */
  send(method: string, path: string, body?: string, headers?: string): Promise<Reply>
  /** Whether the connection has ended. */
  readonly ended: boolean
  close(): void
}

/** Connects to the service. Only for answers with a Content-Length: every one but a list. */
export async function keepAlive(port: number): Promise<KeepAlive> {
  const socket: Socket = await openSocket(port)
  socket.setNoDelay(true)
  let received: Buffer = Buffer.alloc(0)
  let settle: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined
  const fail = (error: Error) => {
    settle?.reject(error)
    settle = undefined
  }
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const found = wholeReply(received)
    if (!found || !settle) return
    received = received.subarray(found.length)
    const { resolve } = settle
    settle = undefined
    resolve(found.reply)
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the connection ended')))
  return {
    send(method, path, body = '', headers = '') {
      return new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('the connection has ended'))
        settle = { resolve, reject }
        const type = body === '' ? '' : 'Content-Type: application/json\r\n'
        const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`
        socket.write(
          `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${type}${length}${headers}\r\n${body}`,
        )
      })
    },
    get ended() {
      return socket.destroyed
    },
    close: () => void socket.destroy(),
  }
}

function wholeReply(bytes: Buffer): { reply: Reply; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const status = Number(head.slice(9, 12))
  const size = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  const length = end + 4 + size
  if (bytes.length < length) return undefined
  return { reply: { status, head, text: bytes.toString('utf8', end + 4, length) }, length }
}
