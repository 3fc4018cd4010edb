// Conditions on MongoDB.
import { conditionsSuite } from '../service/conditions-suite.ts'
import { testDatabase } from './test-database.ts'

conditionsSuite('MongoDB', testDatabase().open)
