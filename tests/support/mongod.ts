// A MongoDB server for tests: mongod from PATH, with log-in, or the one that MONGODB_TEST_URI names.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { freePort } from './free-port.ts'

/** The name and password of the tests' user: every character that a connection string trips over. */
export const testUser = { name: 'te@st:us/er', password: 'p@ss:w/o%r?d#1' } as const

export interface Mongod {
  /** host:port, for DB_URL. */
  readonly address: string
  readonly uri: string
  /** Ends the server, at once or in an orderly way; its data stays. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and data. */
  start(): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

// A test that fails leaves its server behind; it would keep the test runner waiting.
const started = new Set<ChildProcess>()
after(() => {
  for (const server of started) server.kill('SIGKILL')
})

/** Why there is no mongod to test with, or undefined if there is one. */
export function noMongod(): string | undefined {
  const found = spawnSync('mongod', ['--version']).error === undefined
  return found ? undefined : 'there is no mongod on PATH'
}

/** Starts a mongod with log-in on a free port of 127.0.0.1, in a folder of its own. */
export async function startMongod(): Promise<Mongod> {
  const folder = mkdtempSync(join(tmpdir(), 'mongod-'))
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const login = `${encodeURIComponent(testUser.name)}:${encodeURIComponent(testUser.password)}`
  const uri = `mongodb://${login}@${address}/`
  let server: ChildProcess | undefined

  const run = async (args: readonly string[], probe: string) => {
    const options = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', ...args]
    server = spawn('mongod', options, { stdio: 'ignore' })
    started.add(server)
    await connectable(probe, server)
  }
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exit = once(server, 'exit')
    server.kill(signal)
    await exit
  }

  // The first user is made before there is any log-in, as MongoDB's own image does it.
  await run([], `mongodb://${address}/`)
  await createUser(`mongodb://${address}/`)
  await stop()
  const start = () => run(['--auth'], uri)
  await start()
  return {
    address,
    uri,
    stop,
    start,
    async remove() {
      await stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function createUser(uri: string): Promise<void> {
  const client = new MongoClient(uri)
  const roles = [{ role: 'root', db: 'admin' }]
  await client.db('admin').command({ createUser: testUser.name, pwd: testUser.password, roles })
  await client.close()
}

async function connectable(uri: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: 500 })
    try {
      await client.db('admin').command({ ping: 1 })
      return
    } catch (error) {
      if (server.exitCode !== null) throw new Error(`mongod ended with ${server.exitCode}`)
      if (Date.now() > deadline) throw error
      await sleep(100)
    } finally {
      await client.close()
    }
  }
}
