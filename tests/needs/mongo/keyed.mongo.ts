// Ids under an Idempotency-Key, on MongoDB.
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { keyedSuite } from '../../suites/keyed-suite.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

keyedSuite('MongoDB', async () => {
  const { DB_NAME: database, DB_COLLECTION: collection } = server.place()
  const again = async () => {
    const store = openMongoStore({ uri: server.uri, database, collection })
    await store.ping()
    return store
  }
  return { store: await again(), again }
})
