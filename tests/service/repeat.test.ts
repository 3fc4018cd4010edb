// Repeated POSTs on the embedded store.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { repeatSuite } from './repeat-suite.ts'

const folder = temporaryFolder()
let stores = 0

repeatSuite('SQLite', {
  open: async () => openSqliteStore(join(folder, `repeat-${stores++}.db`)),
  settings: async () => ({ DATA_FILE: join(folder, 'shared.db') }),
})
