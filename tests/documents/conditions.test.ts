// Conditions on the embedded store.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { conditionsSuite } from '../suites/conditions-suite.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

conditionsSuite('SQLite', async () => openSqliteStore(join(folder, 'conditions.db')))
