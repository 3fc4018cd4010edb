// Opens the store that the settings name, and loads only that one's code.
import type { StoreConfig } from './config.ts'
import { errorFields, type Log } from './http/log.ts'
import type { DocumentStore } from './store/document-store.ts'

// The first failed attempts are news, then one in so many: a database may stay away for hours.
const logEvery = 30

/**
 * Opens the store. The driver takes 80 to 140 ms to load, node:sqlite 1 ms: hence the imports
 * here.
 * @throws StoreError where the data file cannot be used; Error where the connection string is
 * wrong
 */
export async function openStore(config: StoreConfig, log: Log): Promise<DocumentStore> {
  if (config.kind === 'sqlite') {
    const { openSqliteStore } = await import('./store/sqlite-store.ts')
    return openSqliteStore(config.file)
  }
  const { openMongoStore } = await import('./store/mongo-store.ts')
  let attempts = 0
  return openMongoStore({
    ...config,
    onAttempt: (error) => {
      attempts++
      if (error === undefined) log.info('connected to the database', { attempts })
      else if (attempts <= 3 || attempts % logEvery === 0) {
        log.warn('no connection to the database yet', { attempts, ...errorFields(error) })
      }
    },
  })
}
