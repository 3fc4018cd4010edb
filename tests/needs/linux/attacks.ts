// Clients that want a service to fail: idle, slow in every direction, or too many.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Attack {
  readonly name: string
  readonly connections: number
  /** Whether good clients read lists beside it, too. */
  readonly besideReaders?: boolean
  /** Begins and goes on until `stop`, which says what the attacker saw. */
  begin(port: number, seconds: number): Promise<{ stop(): Promise<string> }>
}

/** Opens N connections, a hundred at a time, and calls `each` with every one. */
async function openMany(port: number, count: number, each: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const statuses: Record<string, number> = {}
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(100, count - sockets.length) }, (_, index) => {
      // From several addresses: one has 28,000 ports.
      const from = `127.0.0.${2 + (index % 20)}`
      const socket = connect({ port, host: '127.0.0.1', localAddress: from })
      socket.on('error', () => {})
      socket.once('data', (chunk) => {
        const status = String(chunk).slice(9, 12)
        statuses[status] = (statuses[status] ?? 0) + 1
      })
      return socket
    })
    await Promise.all(batch.map((socket) => once(socket, 'connect').catch(() => {})))
    for (const socket of batch) each(socket)
    sockets.push(...batch)
  }
  return {
    sockets,
    async stop() {
      const open = sockets.filter(({ destroyed }) => !destroyed).length
      for (const socket of sockets) socket.destroy()
      return `${open} of ${count} connections still open, answered ${JSON.stringify(statuses)}`
    },
  }
}

/** Sends a little every second to those that are still open. */
function drip(sockets: readonly Socket[], text: string): NodeJS.Timeout {
  return setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(text)
  }, 1000)
}

const slow = (name: string, connections: number, head: string, more: string): Attack => ({
  name,
  connections,
  async begin(port) {
    const { sockets, stop } = await openMany(port, connections, (socket) => socket.write(head))
    const timer = drip(sockets, more)
    return {
      stop() {
        clearInterval(timer)
        return stop()
      },
    }
  },
})

const post = (type: string, length: number) =>
  `POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`

/** Connections that send nothing. */
export const idle = (connections: number) => slow('idle connections', connections, '', '')
/** Request heads that never end. */
export const slowHeads = (connections: number) =>
  slow('slow heads', connections, 'GET /data HTTP/1.1\r\nHost: x\r\n', 'X: y\r\n')
/** Bodies that stop after 200 kB and then drip. */
export const slowBodies = (connections: number) => {
  const head = `${post('application/json', 900_000)}{"a":"${'x'.repeat(200_000)}`
  return slow('slow bodies', connections, head, 'x')
}
/** Lines of documents that drip. */
export const slowLines = (connections: number) =>
  slow('slow lines', connections, `${post('application/x-ndjson', 900_000)}{"a":"`, 'x')

/** Readers of the whole list that read its first bytes and no more. */
export const slowReaders = (connections: number): Attack => ({
  name: 'readers that do not read',
  connections,
  besideReaders: true,
  async begin(port) {
    const { stop } = await openMany(port, connections, (socket) => {
      socket.once('data', () => socket.pause())
      socket.write('GET /data HTTP/1.1\r\nHost: x\r\n\r\n')
    })
    return { stop }
  },
})

/** A script of this folder as a process of its own. It prints its counts when its time is over. */
const ownProcess = (
  name: string,
  connections: number,
  script: string,
  ...more: readonly number[]
): Attack => ({
  name,
  connections,
  async begin(port, seconds) {
    const args = [`tests/needs/linux/${script}`]
    args.push(...[port, seconds, connections, ...more].map(String))
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let counts = ''
    child.stdout.on('data', (chunk) => {
      counts += chunk
    })
    const ended = once(child, 'close')
    await sleep(500)
    return {
      async stop() {
        await ended
        return `${counts} in ${seconds} s`
      },
    }
  },
})

/** Requests as fast as they are answered. */
export const flood = (connections: number) =>
  ownProcess('connections as fast as they go', connections, 'flood.ts')

/** N requests per second, whether they are answered or not. */
export const pipelined = (connections: number, rate: number) =>
  ownProcess(`connections with ${rate} requests a second`, connections, 'pipelined.ts', rate)
