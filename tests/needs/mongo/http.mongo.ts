// The API on MongoDB.
import { httpSuite } from '../service/http-suite.ts'
import { testDatabase } from './test-database.ts'

const server = testDatabase()

httpSuite('MongoDB', server.open)
