// A proxy that cuts connections at a given byte: what a client sees of a network that fails.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Where a connection ends: behind this many bytes of the request or of the answer. */
export interface Cut {
  readonly side: 'request' | 'answer'
  readonly after: number
}

export interface CuttingProxy {
  readonly port: number
  /** The next connections: each takes the first of these; without one it stays whole. */
  readonly cuts: Cut[]
  close(): Promise<void>
}

/** Starts a proxy in front of the port on this machine. */
export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const cuts: Cut[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const cut = cuts.shift()
    const service = connect(target, '127.0.0.1')
    const end = () => {
      client.destroy()
      service.destroy()
    }
    for (const socket of [client, service]) {
      sockets.add(socket.on('error', end).once('close', end))
      socket.once('close', () => sockets.delete(socket))
    }
    forward(client, service, cut?.side === 'request' ? cut.after : undefined, end)
    forward(service, client, cut?.side === 'answer' ? cut.after : undefined, end)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cuts,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

// What is before the cut arrives: the connection ends when those bytes are with the system.
function forward(from: Socket, to: Socket, limit: number | undefined, end: () => void): void {
  let left = limit ?? Number.POSITIVE_INFINITY
  if (left === 0) end()
  from.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, left)
    left -= part.length
    if (left > 0) to.write(part)
    else to.end(part, end)
  })
}
