// Conditions on MongoDB.
import { conditionsSuite } from '../../suites/conditions-suite.ts'
import { testDatabase } from './own-database.ts'

conditionsSuite('MongoDB', testDatabase().open)
