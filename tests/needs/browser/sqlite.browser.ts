// The page on the embedded store.
import { join } from 'node:path'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { pageSuite } from './page-suite.ts'

const folder = temporaryFolder()

pageSuite('SQLite', { settings: async () => ({ DATA_FILE: join(folder, 'page.db') }) })
