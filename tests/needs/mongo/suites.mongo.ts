// Queries, on MongoDB, without indexes and with them.
import { parseIndexes } from '../../../src/query/indexes.ts'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { indexedPaths, querySuite, withIndexes } from '../../suites/query-suite.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

querySuite('MongoDB', server.open)

querySuite('MongoDB with indexes', () => {
  const { DB_NAME: database, DB_COLLECTION: collection } = server.place()
  const indexes = parseIndexes(indexedPaths)
  return withIndexes(openMongoStore({ uri: server.uri, database, collection, indexes }))
})
