// Indexes, on MongoDB.
import type { IndexSpec } from '../../../src/query/indexes.ts'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { indexSuite } from '../../suites/index-suite.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

const newPlace = () => {
  const { DB_NAME: database, DB_COLLECTION: collection } = server.place()
  return (indexes: readonly IndexSpec[]) =>
    openMongoStore({ uri: server.uri, database, collection, indexes })
}

indexSuite('MongoDB', newPlace, 240)
