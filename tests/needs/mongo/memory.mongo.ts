// Flat memory on MongoDB.
import { memorySuite } from '../../suites/memory-suite.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

memorySuite('MongoDB', () => ({ MONGODB_URI: server.uri, DB_NAME: 'test_memory' }))
