// PATCH, on the embedded store.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { patchSuite } from '../suites/patch-suite.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

patchSuite('SQLite', async () => openSqliteStore(join(folder, 'patch.db')))
