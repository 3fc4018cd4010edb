// Bytes straight to a socket, for requests that no HTTP client would send.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Opens a connection to the port on this machine. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** Sends the text and resolves with everything that comes back until the server closes. */
export async function rawRequest(port: number, text: string | Uint8Array): Promise<string> {
  const socket = await openSocket(port)
  let received = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    received += chunk
  })
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return received
}

/** Resolves with what has come so far as soon as it matches. */
export async function readUntil(socket: Socket, pattern: RegExp): Promise<string> {
  let received = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received += String(chunk)
    if (pattern.test(received)) return received
  }
  throw new Error(`the connection ended with: ${received}`)
}
