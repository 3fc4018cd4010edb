// Flat memory on the embedded store.
import { join } from 'node:path'
import { memorySuite } from '../../suites/memory-suite.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const folder = temporaryFolder()

memorySuite('SQLite', () => ({ DATA_FILE: join(folder, 'memory.db') }))
