// Queries, on the embedded store, without indexes and with them.
import { join } from 'node:path'
import { parseIndexes } from '../../src/query/indexes.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { indexedPaths, querySuite, withIndexes } from '../suites/query-suite.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

querySuite('SQLite', async () => openSqliteStore(join(folder, 'query.db')))

const indexes = parseIndexes(indexedPaths)

querySuite('SQLite with indexes', () =>
  withIndexes(openSqliteStore(join(folder, 'indexed.db'), undefined, { indexes })),
)

querySuite('SQLite with indexes that seem large', () =>
  withIndexes(openSqliteStore(join(folder, 'large.db'), undefined, { indexes, fewEntries: 1 })),
)
