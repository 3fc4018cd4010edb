// Where the service listens: the addresses that HOST means, and in words why one cannot be used.
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { BlockList, createServer, isIP, type Server as Listener } from 'node:net'

export interface ListenTarget {
  /** As it was set. */
  readonly host: string
  readonly addresses: readonly string[]
  /** Whether only this machine can reach it. */
  readonly loopback: boolean
}

/** The service cannot listen where it should; the message says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

const local = new BlockList()
local.addSubnet('127.0.0.0', 8)
local.addAddress('::1', 'ipv6')
const isLoopback = (address: string) => local.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')

/**
 * What the setting means. `localhost` is both addresses: clients differ in which they ask first, those of Windows
 * ::1. Any other name is the first address that the system has for it.
 * @throws ListenError
 */
export async function resolveHost(host: string): Promise<ListenTarget> {
  if (host === 'localhost') return { host, addresses: ['127.0.0.1', '::1'], loopback: true }
  try {
    const { address } = await lookup(host)
    return { host, addresses: [address], loopback: isLoopback(address) }
  } catch {
    throw new ListenError(
      `HOST ${host} is neither an address nor a name that this machine knows. :: is every address, localhost this machine alone.`,
    )
  }
}

// Connections that the system holds until they are accepted, if it allows that many. With Node's 511, 1,500 of
// 2,000 at once lost a packet and waited a second for it.
const backlog = 4096

// A port that is free at one address may be taken at the other.
const attempts = 20
const noIPv6 = ['EADDRNOTAVAIL', 'EAFNOSUPPORT']

/**
 * Lets the server accept connections at each address, all at one port; 0 means any that is free.
 * Without IPv6 127.0.0.1 alone is localhost. Returns everything that accepts, the server included.
 * @throws ListenError
 */
export async function listen(
  server: Server,
  target: ListenTarget,
  port: number,
): Promise<{ port: number; listeners: Listener[] }> {
  const [first = '', second] = target.addresses
  for (let attempt = 1; ; attempt++) {
    const bound = await bind(server, first, port, target)
    if (second === undefined) return { port: bound, listeners: [server] }
    const twin = twinOf(server)
    try {
      await bind(twin, second, bound, target)
      return { port: bound, listeners: [server, twin] }
    } catch (error) {
      if (noIPv6.includes(codeOf(error))) return { port: bound, listeners: [server] }
      server.close()
      await once(server, 'close')
      if (port !== 0 || attempt === attempts) throw error
    }
  }
}

// What a second listener accepts becomes a connection of the first (node:http, 'connection').
function twinOf(server: Server): Listener {
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: true } // as node:http has them
  return createServer(options, (socket) => server.emit('connection', socket))
}

async function bind(
  listener: Listener,
  address: string,
  port: number,
  target: ListenTarget,
): Promise<number> {
  // Without a host Node takes :: or, on a machine without IPv6, 0.0.0.0.
  listener.listen(address === '::' ? { port, backlog } : { port, host: address, backlog })
  try {
    await once(listener, 'listening')
  } catch (error) {
    throw new ListenError(inWords(codeOf(error), target.host, port, error), { cause: error })
  }
  const bound = listener.address()
  return typeof bound === 'object' && bound !== null ? bound.port : port
}

function codeOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {}
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}

function inWords(code: string, host: string, port: number, error: unknown): string {
  switch (code) {
    case 'EADDRINUSE':
      return describeTakenPort(port)
    case 'EACCES':
    case 'EPERM':
      return `Cannot listen on port ${port}: the system does not let this user. Ports below 1024 are often for administrators. ${anotherPort(port)}`
    case 'EADDRNOTAVAIL':
      return `Cannot listen on HOST ${host}: this machine has no such address. :: is every address, localhost this machine alone.`
    case 'EAFNOSUPPORT':
      return `Cannot listen on HOST ${host}: this machine has no IPv6. 0.0.0.0 is every address of IPv4.`
    case 'EINVAL':
      return `Cannot listen on HOST ${host}: the address needs its interface, as in fe80::1%eth0.`
    default:
      return `Cannot listen on HOST ${host}, port ${port}: ${String(error)}`
  }
}

/** What to say of a port that another program has: how to find that one, and use another port. */
export function describeTakenPort(
  port: number,
  platform: NodeJS.Platform = process.platform,
  script = process.env.npm_lifecycle_event,
): string {
  const lines = [`Cannot listen on port ${port}: another program listens there.`]
  // ControlCenter listens there, and comes back when it is killed.
  if (platform === 'darwin' && (port === 5000 || port === 7000)) {
    lines.push('macOS has its AirPlay Receiver there: System Settings, General, AirDrop & Handoff.')
  }
  lines.push(`Which one: ${whoListens(port, platform)}`, anotherPort(port, platform, script))
  return lines.join('\n')
}

function whoListens(port: number, platform: NodeJS.Platform): string {
  switch (platform) {
    case 'win32':
      return `Get-Process -Id (Get-NetTCPConnection -LocalPort ${port} -State Listen).OwningProcess`
    case 'linux':
      return `ss -ltnp 'sport = :${port}'`
    default:
      return `lsof -nP -iTCP:${port} -sTCP:LISTEN`
  }
}

function anotherPort(
  port: number,
  platform = process.platform,
  script = process.env.npm_lifecycle_event,
): string {
  if (script !== 'start' && script !== 'dev') return 'PORT sets another one.'
  const command = script === 'start' ? 'npm start' : 'npm run dev'
  const other = port === 5080 ? 5081 : 5080
  return platform === 'win32'
    ? `Another port: $env:PORT = ${other}; ${command}`
    : `Another port: PORT=${other} ${command}`
}
