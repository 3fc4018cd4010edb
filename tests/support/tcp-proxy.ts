// TCP proxies: what a client sees of a network that fails. Each connection is joined as its kind of proxy says.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface TcpProxy {
  readonly server: Server
  readonly port: number
  /** Both ends of every open connection. */
  readonly sockets: ReadonlySet<Socket>
  close(): Promise<void>
}

/** Starts a proxy in front of the port on this machine. `join` forwards between the two ends of a connection. */
export async function startTcpProxy(
  target: number,
  join: (client: Socket, service: Socket) => void,
  host = '127.0.0.1',
  wanted = 0,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const service = connect(target, '127.0.0.1')
    for (const socket of [client, service]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        client.destroy()
        service.destroy()
      })
    }
    join(client, service)
  })
  server.listen(wanted, host)
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port')
  return {
    server,
    port: address.port,
    sockets,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      if (server.listening || sockets.size > 0) await once(server, 'close')
    },
  }
}

/** Where a connection ends: after this many bytes of the request or of the answer. */
export interface Cut {
  readonly side: 'request' | 'answer'
  readonly after: number
}

export interface CuttingProxy extends Pick<TcpProxy, 'port' | 'close'> {
  /** The next connections: each takes the first of these; without one it stays whole. */
  readonly cuts: Cut[]
}

/** Starts a proxy that cuts connections at given bytes. */
export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const cuts: Cut[] = []
  const { port, close } = await startTcpProxy(target, (client, service) => {
    const cut = cuts.shift()
    const end = () => {
      client.destroy()
      service.destroy()
    }
    forward(client, service, cut?.side === 'request' ? cut.after : undefined, end)
    forward(service, client, cut?.side === 'answer' ? cut.after : undefined, end)
  })
  return { port, cuts, close }
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

export interface CutOnce {
  readonly base: string
  /** Whether it has cut a connection. */
  readonly cut: boolean
  close(): Promise<void>
}

/** Starts a proxy that cuts the first connection on which `bytes` have gone through in either direction. */
export async function cutOnce(target: number, bytes: number): Promise<CutOnce> {
  let cut = false
  const { port, close } = await startTcpProxy(target, (client, service) => {
    let passed = 0
    const relay = (from: Socket, to: Socket) =>
      from.on('data', (chunk: Buffer) => {
        passed += chunk.length
        if (!cut && passed >= bytes) {
          cut = true
          to.write(chunk.subarray(0, chunk.length >> 1), () => {
            client.resetAndDestroy()
            service.destroy()
          })
        } else if (!to.destroyed) to.write(chunk)
      })
    relay(client, service)
    relay(service, client)
  })
  return {
    base: `http://127.0.0.1:${port}`,
    get cut() {
      return cut
    },
    close,
  }
}
