// Connects a MongoClient, and tries with new ones until one works.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { createDeadlines } from './mongo-deadline.ts'
import { mongoError } from './mongo-error.ts'
import { StoreError } from './store-error.ts'

export interface MongoConnection {
  /**
   * Runs the work on the connected database, for at most that many milliseconds.
   * @throws StoreError `unavailable` if there is none within `acquireTimeout` or the time is over; that of mongoError
   */
  use<T>(milliseconds: number, work: (db: Db, signal: AbortSignal) => Promise<T>): Promise<T>
  close(): Promise<void>
}

interface MongoConnectionOptions {
  readonly uri: string
  /** The one that the path of `uri` may name. */
  readonly database: string
  /** Told of every failed attempt to connect, and of the first that works. */
  readonly onAttempt?: ((error: unknown) => void) | undefined
  /** Called after each connect, before anything else; its failure is ignored. */
  readonly prepare?: (db: Db) => Promise<void>
  /** Told that connections were lost: the next ones may reach another server. */
  readonly onLost?: () => void
  /** Milliseconds that a command may be silent for; that of a request if left out. */
  readonly silence?: number | undefined
}

// A request must get its 503 within 2 s.
const acquireTimeout = 1500
const prepareTime = 1000
const backoff = { first: 100, most: 1000 }

const clientOptions = {
  appName: 'data-service',
  // Sooner than a request gives up: it has the cause then.
  serverSelectionTimeoutMS: acquireTimeout - 200,
  waitQueueTimeoutMS: acquireTimeout,
  connectTimeoutMS: 2000,
  // After every deadline of ours: the driver's getMore takes no signal.
  socketTimeoutMS: 12_000,
  heartbeatFrequencyMS: 2000,
  // Connecting and logging in take long on a busy server.
  minPoolSize: 5,
  maxPoolSize: 20,
  maxConnecting: 5,
} as const

/**
 * Begins to connect and goes on until it works. Each attempt gets a new client: with driver 7.9.0 one whose first
 * connection fails answers MongoTopologyClosedError from then on (measured).
 * @throws StoreError if the connection string, of which its message repeats nothing, is wrong or names another database
 */
export function connectMongo({
  uri,
  database,
  onAttempt = () => {},
  prepare = async () => {},
  onLost = () => {},
  silence = clientOptions.socketTimeoutMS,
}: MongoConnectionOptions): MongoConnection {
  const closing = new AbortController()
  const deadlines = createDeadlines()
  let current: Db | undefined
  const options = { ...clientOptions, socketTimeoutMS: silence }
  let first: MongoClient | undefined = createClient(uri, options)
  expectDatabase(uri, database)
  let fault = new StoreError('unavailable', 'The database does not answer.')
  const waiting = new Set<(db: Db) => void>()

  const connect = async () => {
    let delay = backoff.first
    while (!closing.signal.aborted) {
      const client = first ?? new MongoClient(uri, options)
      first = undefined
      try {
        await client.connect()
        client.on('connectionPoolCleared', () => {
          deadlines.connectionsLost()
          onLost()
        })
        const db = client.db(database)
        await deadlines.run(prepareTime, () => prepare(db)).catch(() => {})
        if (closing.signal.aborted) return await client.close()
        current = db
        onAttempt(undefined)
        for (const resolve of waiting) resolve(db)
        waiting.clear()
        return
      } catch (error) {
        fault = mongoError(error)
        if (!closing.signal.aborted) onAttempt(fault)
        await client.close().catch(() => {})
      }
      // Jitter: not all pods must ask a returning database at once.
      const pause = delay * (0.5 + Math.random())
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {})
      delay = Math.min(delay * 2, backoff.most)
    }
  }
  void connect()

  const acquire = (): Db | Promise<Db> => {
    if (current) return current
    return new Promise((resolve, reject) => {
      const settle = (db: Db) => {
        clearTimeout(timer)
        resolve(db)
      }
      const timer = setTimeout(() => {
        waiting.delete(settle)
        reject(fault)
      }, acquireTimeout)
      waiting.add(settle)
    })
  }

  return {
    async use(milliseconds, work) {
      const db = await acquire()
      try {
        return await deadlines.run(milliseconds, (signal) => work(db, signal))
      } catch (error) {
        throw mongoError(error)
      }
    },
    async close() {
      closing.abort()
      await current?.client.close()
    },
  }
}

// The driver takes what comes after the first @ for hosts, and would show the rest of a password with one.
function createClient(uri: string, options: MongoClientOptions): MongoClient {
  const advice =
    'Percent-encode the user and the password (@ is %40), or use USER_NAME and USER_PWD with DB_URL.'
  if (uri.split('@').length > 2) {
    throw new StoreError('refused', `the connection string has more than one @. ${advice}`)
  }
  try {
    return new MongoClient(uri, options)
  } catch {
    const form = 'mongodb://user:password@host:port/?options'
    const detail = `the connection string is not of the form ${form}, or has an unknown option. ${advice}`
    throw new StoreError('refused', detail)
  }
}

/** @throws StoreError if the path of the connection string names another database */
function expectDatabase(uri: string, database: string): void {
  const [, path = ''] = /^[^/]*\/\/[^/?]*\/([^?]*)/.exec(uri) ?? []
  if (path === '' || path === encodeURIComponent(database) || path === database) return
  const detail =
    'the path of the connection string names another database than DB_NAME. Set DB_NAME to it, or write /?authSource= if it is the database that has the user.'
  throw new StoreError('refused', detail)
}
