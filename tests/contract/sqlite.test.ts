// The embedded store keeps the contract.
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { storeContract } from './store-contract.ts'

const folder = temporaryFolder()

storeContract('SQLite', async () => openSqliteStore(join(folder, 'contract.db')))
