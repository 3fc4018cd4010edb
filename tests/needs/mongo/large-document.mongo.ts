// Large documents on MongoDB.
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { largeSuite } from '../../suites/large-suite.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()
const place = server.place()

largeSuite(
  'MongoDB',
  () => ({ MONGODB_URI: server.uri, ...place }),
  () =>
    openMongoStore({
      uri: server.uri,
      database: place.DB_NAME,
      collection: place.DB_COLLECTION,
    }),
  server.revive,
)
