// Repeated POSTs on the embedded store.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { repeatSuite } from '../suites/repeat-suite.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let stores = 0

repeatSuite('SQLite', {
  open: async () => openSqliteStore(join(folder, `repeat-${stores++}.db`)),
  settings: async () => ({ DATA_FILE: join(folder, 'shared.db') }),
})
