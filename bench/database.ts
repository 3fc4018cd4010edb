// A database server for the peers: `mongod` or `ferretdb` from PATH, or MONGODB_TEST_URI.
import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Collection, MongoClient } from 'mongodb'
import { freePort } from '../tests/support/free-port.ts'
import { spawnPinned } from './process.ts'

export interface Database {
  /** With the name of the database, for every peer. */
  readonly uri: string
  /** What the server calls itself. */
  readonly version: string
  readonly collection: Collection
  readonly pid: number | undefined
  stop(): Promise<void>
}

const commands = {
  mongod: (port: number, folder: string) => [
    ...['mongod', '--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1'],
  ],
  ferretdb: (port: number, folder: string) => [
    ...['ferretdb', '--handler=sqlite', `--sqlite-url=file:${folder}/`, `--state-dir=${folder}`],
    ...[`--listen-addr=127.0.0.1:${port}`, '--debug-addr=-', '--telemetry=disable'],
  ],
  'stand-in': (port: number) => ['node', '--import', 'tsx', 'bench/stand-in.ts', String(port)],
} as const

/** Starts the server with its data in the folder. @throws Error if it is not on PATH */
export async function startDatabase(
  kind: keyof typeof commands,
  folder: string,
): Promise<Database> {
  const given = process.env.MONGODB_TEST_URI
  if (kind === 'mongod' && given) return connect(withDatabase(given))
  if (kind !== 'stand-in' && spawnSync(kind, ['--version']).error)
    throw new Error(`There is no ${kind} on PATH.`)
  const data = join(folder, kind)
  mkdirSync(data, { recursive: true })
  const port = await freePort()
  const child = spawnPinned('database', commands[kind](port, data), { stdio: 'ignore' })
  try {
    return await connect(`mongodb://127.0.0.1:${port}/bench`, child)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function withDatabase(given: string): string {
  const uri = new URL(given)
  uri.pathname = '/bench'
  if (!uri.searchParams.has('authSource') && uri.username !== '') {
    uri.searchParams.set('authSource', 'admin')
  }
  return uri.href
}

async function connect(uri: string, child?: ChildProcess): Promise<Database> {
  const client = await firstConnection(uri, child)
  const info = await client.db('admin').command({ buildInfo: 1 })
  const collection = client.db('bench').collection('documents')
  return {
    uri,
    version: `${info.version}${info.ferretdbVersion ? ` (FerretDB ${info.ferretdbVersion})` : ''}`,
    collection,
    pid: child?.pid,
    async stop() {
      await collection.drop().catch(() => {})
      await client.close()
      if (!child || child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
      await exit
      clearTimeout(timer)
    },
  }
}

// A client whose first connection fails never works again (driver 7.9.0): each attempt has its own.
async function firstConnection(uri: string, child?: ChildProcess): Promise<MongoClient> {
  for (let attempt = 0; ; attempt++) {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1000 })
    try {
      await client.db('admin').command({ ping: 1 })
      return client
    } catch (error) {
      await client.close()
      if (attempt === 30 || (child && child.exitCode !== null)) throw error
    }
  }
}
