// Flat memory on the embedded store.
import { join } from 'node:path'
import { temporaryFolder } from '../temporary-folder.ts'
import { memorySuite } from './memory-suite.ts'

const folder = temporaryFolder()

memorySuite('SQLite', () => ({ DATA_FILE: join(folder, 'memory.db') }))
