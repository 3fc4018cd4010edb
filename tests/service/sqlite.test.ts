// The API on the embedded store.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { httpSuite } from './http-suite.ts'

const folder = temporaryFolder()

httpSuite('SQLite', async () => openSqliteStore(join(folder, 'http.db')))
