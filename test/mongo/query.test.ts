// Queries, on MongoDB.
import { querySuite } from '../service/query-suite.ts'
import { testDatabase } from './test-database.ts'

const server = testDatabase()

querySuite('MongoDB', server.open)
