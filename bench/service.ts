// Starts a peer as a process of its own and waits until it answers.
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawnOn } from './cores.ts'
import { get } from './http-client.ts'
import type { Peer } from './peers.ts'
import { processTree } from './process-use.ts'

export interface Running {
  readonly base: string
  /** Its processes, the first one first. */
  readonly pids: () => number[]
  /** Milliseconds from the start of the process to the first answer. */
  readonly startedIn: number
  stop(): Promise<void>
}

export interface StartOptions {
  readonly port: number
  /** A folder for its data file and log. */
  readonly folder: string
  /** The database's address with the database's name; undefined: embedded. */
  readonly uri: string | undefined
  /** Another build of this service, for the peer `base`. */
  readonly base?: string | undefined
}

/** Starts the peer on a port. @throws Error with the last log lines where it ends or never answers */
export async function startPeer(peer: Peer, options: StartOptions): Promise<Running> {
  const { port, folder, uri, base = '.' } = options
  const file = resolve(folder, peer.name === 'json-server' ? 'db.json' : 'documents.db')
  const command = peer.command.flatMap((word) =>
    word === 'BASE' ? imageCommand(base) : word.replace('PORT', String(port)).replace('FILE', file),
  )
  const { PATH } = process.env
  // A file, as a container's log is: a pipe would need a reader that takes CPU from the others.
  const log = openSync(resolve(folder, `${peer.name}.log`), 'w')
  const child = spawnOn('service', command, {
    stdio: ['ignore', log, log],
    env: {
      PATH,
      NODE_ENV: 'production',
      PORT: String(port),
      HOST: '127.0.0.1',
      ...(uri === undefined
        ? { DATA_FILE: file }
        : { MONGODB_URI: uri, DB_NAME: 'bench', DB_COLLECTION: 'documents' }),
      ...peer.settings,
    },
  })
  closeSync(log)
  const startedAt = performance.now()
  const origin = `http://127.0.0.1:${port}`
  const pid = child.pid
  if (pid === undefined) throw new Error(`${command[0]} cannot be started.`)
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
    await exit
    clearTimeout(timer)
  }
  while ((await get(`${origin}${peer.alive ?? '/'}`).catch(() => undefined))?.status !== 200) {
    if (child.exitCode !== null) throw new Error(`${peer.name} ended; see ${folder}.`)
    if (performance.now() - startedAt > 30_000) {
      await stop()
      throw new Error(`${peer.name} does not answer; see ${folder}.`)
    }
    await sleep(2)
  }
  const startedIn = performance.now() - startedAt
  return { base: origin, pids: () => processTree(pid), startedIn, stop }
}

/** What the image of another build runs, with that build's own flags. @throws Error without a CMD */
function imageCommand(folder: string): string[] {
  const command = /^CMD (.*)$/m.exec(readFileSync(resolve(folder, 'Dockerfile'), 'utf8'))?.[1]
  const words: unknown = JSON.parse(command ?? 'null')
  if (!Array.isArray(words)) throw new Error(`The Dockerfile of ${folder} has no CMD.`)
  return words.map(String).map((word) => (word.endsWith('.js') ? resolve(folder, word) : word))
}
