// The server that the MongoDB suites run on, and a collection of its own for each of them.
import { randomBytes } from 'node:crypto'
import { after, before } from 'node:test'
import { MongoClient } from 'mongodb'
import type { DocumentStore } from '../../../src/store/document-store.ts'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { type Mongod, noMongod, startMongod } from '../../support/mongod.ts'

const database = `test_${randomBytes(4).toString('hex')}`

export interface TestDatabase {
  readonly uri: string
  /** A store on a collection that is new. */
  open(): Promise<DocumentStore>
  /** The settings that name a collection which is new. */
  place(): { DB_NAME: string; DB_COLLECTION: string }
  /**
   * Starts the server again if it does not answer a client of its own within 5 s. The stand-in for MongoDB locks itself
   * up if 60 clients ask for 16 MiB, and it is too slow for any of them: 200 threads that wait for each other.
   */
  revive(): Promise<void>
}

/**
 * Starts the server before the tests of the calling file and removes what they made afterwards.
 * MONGODB_TEST_URI names a server that runs already.
 */
export function testDatabase(): TestDatabase {
  let starting: Promise<Mongod> | undefined
  let uri = process.env.MONGODB_TEST_URI ?? ''
  let collections = 0
  before(async () => {
    if (uri !== '') return
    const reason = noMongod()
    if (reason) throw new Error(`${reason}, and MONGODB_TEST_URI is not set`)
    starting = startMongod()
    uri = (await starting).uri
  })
  after(async () => {
    // If a pattern chooses no test of the file, the runner does not wait for what comes before.
    const mongod = await starting
    if (mongod) return mongod.remove()
    if (uri === '') return
    const client = new MongoClient(uri)
    await client.db(database).dropDatabase()
    await client.close()
  })
  const newCollection = () => `documents_${collections++}`
  return {
    get uri() {
      return uri
    },
    open: async () => openMongoStore({ uri, database, collection: newCollection() }),
    place: () => ({ DB_NAME: database, DB_COLLECTION: newCollection() }),
    async revive() {
      const server = await starting
      if (!server || (await answersWithin(uri, 5_000))) return
      await server.stop('SIGKILL')
      await server.start()
    },
  }
}

async function answersWithin(uri: string, milliseconds: number): Promise<boolean> {
  const client = new MongoClient(uri, {
    serverSelectionTimeoutMS: milliseconds,
    socketTimeoutMS: milliseconds,
  })
  try {
    await client.db('admin').command({ ping: 1 })
    return true
  } catch {
    return false
  } finally {
    await client.close()
  }
}
