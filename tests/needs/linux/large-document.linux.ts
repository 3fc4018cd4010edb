// Large documents on the embedded store.
import { join } from 'node:path'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { largeSuite } from '../../suites/large-suite.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const DATA_FILE = join(temporaryFolder(), 'large.db')

largeSuite(
  'SQLite',
  () => ({ DATA_FILE }),
  () => openSqliteStore(DATA_FILE),
)
