// A way to a service that is cut once, in the middle of a transfer: a real TCP proxy.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface CutOnce {
  readonly base: string
  /** Whether it has cut a connection. */
  readonly cut: boolean
  close(): Promise<void>
}

/** Cuts the first connection on which `bytes` have gone through in either direction. */
export async function cutOnce(port: number, bytes: number): Promise<CutOnce> {
  let cut = false
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const service = connect(port, '127.0.0.1')
    let passed = 0
    for (const [from, to] of [
      [client, service],
      [service, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('close', () => to.destroy())
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
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port')
  return {
    base: `http://127.0.0.1:${address.port}`,
    get cut() {
      return cut
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
