// Repeated POSTs on MongoDB.
import { repeatSuite } from '../../suites/repeat-suite.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

repeatSuite('MongoDB', {
  open: server.open,
  settings: async () => ({ MONGODB_URI: server.uri, ...server.place() }),
})
