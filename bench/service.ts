// Starts a peer as a process of its own and waits until it answers.
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../tests/support/free-port.ts'
import type { Peer } from './peers.ts'
import { processTree, spawnPinned } from './process.ts'

export interface Service {
  readonly origin: string
  /** Its processes, the first one first. */
  readonly pids: () => number[]
  /** Milliseconds from the start of the process to the first answer. */
  readonly startedIn: number
  stop(): Promise<void>
}

interface StartOptions {
  /** A folder for its data file and log. */
  readonly folder: string
  /** The database's address with the database's name; undefined: embedded. */
  readonly uri: string | undefined
  /** Another build of this service, for the peer `base`. */
  readonly base: string | undefined
}

/** Starts the peer on a free port. @throws Error if it ends or does not answer within 30 s */
export async function startPeer(
  peer: Peer,
  { folder, uri, base = '.' }: StartOptions,
): Promise<Service> {
  const port = String(await freePort())
  const file = resolve(folder, peer.name === 'json-server' ? 'db.json' : 'documents.db')
  const command = peer.command.flatMap((word) => {
    if (word === 'OURS') return imageCommand('.')
    if (word === 'BASE') return imageCommand(base)
    return word.replace('PORT', port).replace('FILE', file)
  })
  // A file, as a container's log is: a pipe would need a reader that takes CPU from the others.
  const log = openSync(resolve(folder, `${peer.name}.log`), 'w')
  const child = spawnPinned('service', command, {
    stdio: ['ignore', log, log],
    env: {
      ...{ PATH: process.env.PATH, NODE_ENV: 'production', PORT: port, HOST: '127.0.0.1' },
      ...(uri === undefined
        ? { DATA_FILE: file }
        : { MONGODB_URI: uri, DB_NAME: 'bench', DB_COLLECTION: 'documents' }),
      ...peer.settings,
    },
  })
  closeSync(log)
  const startedAt = performance.now()
  const origin = `http://127.0.0.1:${port}`
  const { pid } = child
  if (pid === undefined) throw new Error(`${command[0]} cannot be started.`)
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
    await exit
    clearTimeout(timer)
  }
  while (!(await answers(`${origin}${peer.alive ?? '/'}`))) {
    if (child.exitCode !== null)
      throw new Error(`${peer.name} ended: ${readFileSync(resolve(folder, `${peer.name}.log`))}`)
    if (performance.now() - startedAt > 30_000) {
      await stop()
      throw new Error(`${peer.name} does not answer.`)
    }
    await sleep(2)
  }
  const startedIn = performance.now() - startedAt
  return { origin, pids: () => processTree(pid), startedIn, stop }
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined)
  await response?.arrayBuffer()
  return response?.status === 200
}

/** What the image of a build runs, with that build's own flags. @throws Error without a CMD */
function imageCommand(folder: string): string[] {
  const command = /^CMD (.*)$/m.exec(readFileSync(resolve(folder, 'Dockerfile'), 'utf8'))?.[1]
  const words: unknown = JSON.parse(command ?? 'null')
  if (!Array.isArray(words)) throw new Error(`The Dockerfile of ${folder} has no CMD.`)
  return words.map(String).map((word) => (word.endsWith('.js') ? resolve(folder, word) : word))
}
