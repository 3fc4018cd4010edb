// A TCP proxy between the service and its database that can be as bad as a network.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { startTcpProxy } from '../../support/tcp-proxy.ts'

/**
 * `delay`: 300 ms each way. `slow`: 1 kB a second each way. `blackHole`: nothing comes through, no
 * connection ends, new ones are taken. `halfOpen`: only what the database says is lost. `reset`:
 * every connection is reset, new ones too. `refuse`: as `reset`, and nobody listens.
 */
export type Network = 'good' | 'delay' | 'slow' | 'blackHole' | 'halfOpen' | 'reset' | 'refuse'

export interface BadNetwork {
  /** host:port, for DB_URL. */
  readonly address: string
  /** Changes the network from now on, for open connections too. */
  be(network: Network): Promise<void>
  close(): void
}

// A proxy that holds bytes back must not keep a test's process alive.
const sleep = (ms: number) => setTimeout(ms, undefined, { ref: false })
const delay = 300
const slowBytes = 100 // a tenth of a second's

/** Starts a proxy to the port on this machine, on a free port or on the given one. */
export async function startBadNetwork(
  target: number,
  host = '127.0.0.1',
  wanted = 0,
): Promise<BadNetwork> {
  let network: Network = 'good'
  const relay = async (from: Socket, to: Socket, isAnswer: boolean) => {
    for await (const chunk of from) {
      while (network === 'blackHole' || (network === 'halfOpen' && isAnswer)) await sleep(50)
      if (network === 'delay') await sleep(delay)
      let rest: Buffer = chunk
      for (; network === 'slow' && rest.length > slowBytes; rest = rest.subarray(slowBytes)) {
        to.write(rest.subarray(0, slowBytes))
        await sleep(100)
      }
      if (!to.write(rest)) await Promise.race([once(to, 'drain'), once(to, 'close')])
    }
    to.end()
  }

  const { server, port, sockets } = await startTcpProxy(
    target,
    (client, database) => {
      if (network === 'reset') return void client.resetAndDestroy()
      relay(client, database, false).catch(() => {})
      relay(database, client, true).catch(() => {})
    },
    host,
    wanted,
  )
  server.unref()
  return {
    address: `${host}:${port}`,
    async be(next) {
      const before = network
      network = next
      if (next === 'reset' || next === 'refuse') {
        for (const socket of sockets) socket.resetAndDestroy()
      }
      if (next === 'refuse') server.close()
      else if (before === 'refuse') {
        server.listen(port, host)
        await once(server, 'listening')
      }
    },
    close() {
      network = 'reset' // lets go of what a black hole holds
      server.close()
      // Not reset: Node 26.10 then often never ends, busy in the cleanup after the last line of
      // JavaScript (uv_run in CleanupHandles).
      for (const socket of sockets) socket.destroy()
    },
  }
}
