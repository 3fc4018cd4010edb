// Queries, on the embedded store.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { querySuite } from './query-suite.ts'

const folder = temporaryFolder()

querySuite('SQLite', async () => openSqliteStore(join(folder, 'query.db')))
