// What both stores keep, on the embedded one; queries without indexes and with them.
import { join } from 'node:path'
import { parseIndexes } from '../../src/query/indexes.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { collectionSuite } from '../suites/collection-suite.ts'
import { conditionsSuite } from '../suites/conditions-suite.ts'
import { documentSuite } from '../suites/document-suite.ts'
import { httpSuite } from '../suites/http-suite.ts'
import { patchSuite } from '../suites/patch-suite.ts'
import { indexedPaths, querySuite, withIndexes } from '../suites/query-suite.ts'
import { repeatSuite } from '../suites/repeat-suite.ts'
import { storeContract } from '../suites/store-contract.ts'
import { uploadSuite } from '../suites/upload-suite.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0
const newFile = () => join(folder, `${files++}.db`)
const open = async () => openSqliteStore(newFile())
const indexes = parseIndexes(indexedPaths)

storeContract('SQLite', open)
httpSuite('SQLite', open)
collectionSuite('SQLite', open)
documentSuite('SQLite', open)
uploadSuite('SQLite', open)
conditionsSuite('SQLite', open)
patchSuite('SQLite', open)
repeatSuite('SQLite', { open, settings: async () => ({ DATA_FILE: join(folder, 'shared.db') }) })
querySuite('SQLite', open)
querySuite('SQLite with indexes', () =>
  withIndexes(openSqliteStore(newFile(), undefined, { indexes })),
)
querySuite('SQLite with indexes that seem large', () =>
  withIndexes(openSqliteStore(newFile(), undefined, { indexes, fewEntries: 1 })),
)
