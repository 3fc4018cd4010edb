// The API on the embedded store.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { httpSuite } from '../suites/http-suite.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

httpSuite('SQLite', async () => openSqliteStore(join(folder, 'http.db')))
