// Keeps a connected MongoClient, and replaces one that is dead for ever.
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, MongoTopologyClosedError } from 'mongodb'
import { mongoError } from './mongo-error.ts'
import { StoreError } from './store-error.ts'

export interface MongoConnection {
  /**
   * Runs the work with a connected client.
   * @throws StoreError `unavailable` where there is none within `acquireTimeout`, or what became
   * of an error of the driver
   */
  use<T>(work: (client: MongoClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface MongoConnectionOptions {
  readonly uri: string
  /** Told of every failed attempt to connect, and of the first that works. */
  readonly onAttempt?: (error: Error | undefined) => void
}

// A request must have its 503 within 2 s, so a server has to be found within 1.5.
const acquireTimeout = 1500
const backoff = { first: 100, most: 1000 }

const clientOptions = {
  appName: 'data-service',
  serverSelectionTimeoutMS: acquireTimeout,
  waitQueueTimeoutMS: acquireTimeout,
  connectTimeoutMS: 2000,
  heartbeatFrequencyMS: 2000,
  // Connecting and logging in take long on a busy server: a few connections are always there.
  minPoolSize: 5,
  maxPoolSize: 20,
  maxConnecting: 5,
} as const

/**
 * Begins to connect and goes on until it works. The driver reconnects by itself once it had a
 * connection, but not before: with driver 7.9.0 a client whose first connection fails answers
 * MongoTopologyClosedError for ever after (measured), so each attempt gets a new client.
 *
 * @throws Error of the driver where the connection string is wrong
 */
export function connectMongo({
  uri,
  onAttempt = () => {},
}: MongoConnectionOptions): MongoConnection {
  const closing = new AbortController()
  let current: MongoClient | undefined
  let first: MongoClient | undefined = new MongoClient(uri, clientOptions) // throws for a bad uri
  let connected = Promise.withResolvers<MongoClient>()

  const connect = async () => {
    for (
      let delay = backoff.first;
      !closing.signal.aborted;
      delay = Math.min(delay * 2, backoff.most)
    ) {
      const client = first ?? new MongoClient(uri, clientOptions)
      first = undefined
      try {
        await client.connect()
        if (closing.signal.aborted) return await client.close()
        current = client
        onAttempt(undefined)
        connected.resolve(client)
        return
      } catch (error) {
        if (!closing.signal.aborted)
          onAttempt(error instanceof Error ? error : new Error('unknown'))
        await client.close().catch(() => {})
      }
      // Jitter: the pods of a deployment must not all ask a returning database at once.
      const pause = delay * (0.5 + Math.random())
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {})
    }
  }
  void connect()

  const acquire = async (): Promise<MongoClient> => {
    if (current) return current
    const timeout = new AbortController()
    const late = sleep(acquireTimeout, undefined, { signal: timeout.signal })
    const client = await Promise.race([connected.promise, late])
    timeout.abort()
    late.catch(() => {})
    if (client) return client
    throw new StoreError('unavailable', 'The database does not answer.')
  }

  const discard = (client: MongoClient) => {
    if (client !== current || closing.signal.aborted) return
    current = undefined
    connected = Promise.withResolvers()
    void client.close().catch(() => {})
    void connect()
  }

  return {
    async use(work) {
      const client = await acquire()
      try {
        return await work(client)
      } catch (error) {
        if (error instanceof MongoTopologyClosedError) discard(client)
        throw mongoError(error)
      }
    },
    async close() {
      closing.abort()
      await current?.close()
    },
  }
}
