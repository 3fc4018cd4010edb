// Opens the store that the settings name, and loads only that one's code.
import { resolve } from 'node:path'
import type { StoreConfig } from './config.ts'
import { errorFields, type Log } from './http/log.ts'
import type { IndexSpec } from './query/indexes.ts'
import type { DocumentStore } from './store/document-store.ts'

// The first failed attempts are news, then one in N: a database may stay away for hours.
const logEvery = 30

/**
 * Opens the store and logs which one it is. The driver takes 80 to 140 ms to load, node:sqlite 1 ms: hence the imports.
 * @throws StoreError if the data file cannot be used, or the connection string is wrong
 */
export async function openStore(
  config: StoreConfig,
  indexes: readonly IndexSpec[],
  log: Log,
): Promise<DocumentStore> {
  const say = (words: string) => {
    log.info(words)
    log.flush() // the next may come after a while
  }
  if (config.kind === 'sqlite') {
    const { openSqliteStore } = await import('./store/sqlite-store.ts')
    const store = openSqliteStore(config.file, say, { indexes })
    log.info(`documents are in the file ${resolve(config.file)}`)
    await logCount(store, log)
    return store
  }
  const { openMongoStore } = await import('./store/mongo-store.ts')
  let attempts = 0
  const store: DocumentStore = openMongoStore({
    ...config,
    indexes,
    onProgress: say,
    onAttempt: (error) => {
      attempts++
      if (error === undefined) {
        log.info('connected to the database', { attempts })
        // The store is there: it connects after this call.
        void logCount(store, log)
      } else if (attempts <= 3 || attempts % logEvery === 0) {
        log.warn('no connection to the database yet', { attempts, ...errorFields(error) })
      }
    },
  })
  const { source, database, collection } = config
  log.info(`documents are in ${database}.${collection} at ${hostsOf(config.uri)}`, { source })
  return store
}

/** Logs how many documents the store holds, if it can tell. */
async function logCount(store: DocumentStore, log: Log): Promise<void> {
  const count = await store.count().catch(() => undefined)
  if (count === undefined) return
  log.info(`the store holds ${count} ${/^(?:about )?1$/.test(count) ? 'document' : 'documents'}`)
}

// What stands between the login and the path: the part of a connection string that is never secret.
const hostsOf = (uri: string) => uri.replace(/^[^:]*:\/\/(?:[^@/?]*@)?/, '').replace(/[/?].*/, '')
