// Repeated POSTs on MongoDB.
import { repeatSuite } from '../service/repeat-suite.ts'
import { testDatabase } from './test-database.ts'

const server = testDatabase()

repeatSuite('MongoDB', {
  open: server.open,
  settings: async () => ({ MONGODB_URI: server.uri, ...server.place() }),
})
