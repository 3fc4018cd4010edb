// Flat memory on MongoDB.
import { memorySuite } from '../service/memory-suite.ts'
import { testDatabase } from './test-database.ts'

const server = testDatabase()

memorySuite('MongoDB', () => ({ MONGODB_URI: server.uri, DB_NAME: 'test_memory' }))
