// The embedded store keeps the contract.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { storeContract } from '../suites/store-contract.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0

storeContract('SQLite', async () => openSqliteStore(join(folder, `contract${files++}.db`)))
