// The API on MongoDB.
import { httpSuite } from '../../suites/http-suite.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

httpSuite('MongoDB', server.open)
