// What both stores keep, on MongoDB; queries without indexes and with them.
import { type IndexSpec, parseIndexes } from '../../../src/query/indexes.ts'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { collectionSuite } from '../../suites/collection-suite.ts'
import { conditionsSuite } from '../../suites/conditions-suite.ts'
import { documentSuite } from '../../suites/document-suite.ts'
import { httpSuite } from '../../suites/http-suite.ts'
import { indexSuite } from '../../suites/index-suite.ts'
import { keyedSuite } from '../../suites/keyed-suite.ts'
import { indexedPaths, querySuite, withIndexes } from '../../suites/query-suite.ts'
import { repeatSuite } from '../../suites/repeat-suite.ts'
import { storeContract } from '../../suites/store-contract.ts'
import { uploadSuite } from '../../suites/upload-suite.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

/** A new collection, to be opened once or again and again. */
const newPlace = () => {
  const { DB_NAME: database, DB_COLLECTION: collection } = server.place()
  return (indexes: readonly IndexSpec[] = []) =>
    openMongoStore({ uri: server.uri, database, collection, indexes })
}

storeContract('MongoDB', server.open)
httpSuite('MongoDB', server.open)
collectionSuite('MongoDB', server.open)
documentSuite('MongoDB', server.open)
uploadSuite('MongoDB', server.open)
conditionsSuite('MongoDB', server.open)
repeatSuite('MongoDB', {
  open: server.open,
  settings: async () => ({ MONGODB_URI: server.uri, ...server.place() }),
})
querySuite('MongoDB', server.open)
querySuite('MongoDB with indexes', () => withIndexes(newPlace()(parseIndexes(indexedPaths))))
indexSuite('MongoDB', newPlace, 240)
keyedSuite('MongoDB', async () => {
  const open = newPlace()
  const again = async () => {
    const store = open()
    await store.ping()
    return store
  }
  return { store: await again(), again }
})
