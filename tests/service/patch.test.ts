// PATCH, on the embedded store.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { patchSuite } from './patch-suite.ts'

const folder = temporaryFolder()

patchSuite('SQLite', async () => openSqliteStore(join(folder, 'patch.db')))
