// Puts the documents of a backup in the place of the present ones: into a collection beside them, then swapped.
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IndexSpec } from '../query/indexes.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { openMongoStore } from '../store/mongo-store.ts'
import { restoredCollection, type Swap } from '../store/mongo-swap.ts'
import { compareStore, fillStore } from './backup-file.ts'
import { BackupFault } from './backup-folder.ts'
import { type JobContext, makeBackup } from './make-backup.ts'

export interface Database {
  readonly uri: string
  readonly database: string
  readonly collection: string
  readonly indexes: readonly IndexSpec[]
}

// Every pod asks each second for a restore, and may wait a second for the answer (readiness.ts).
// What it sent before is done by then, or is put aside with the rest.
const untilEveryPodKnows = 4000
// Milliseconds. A pod holds its writes for a minute.
const holdAgain = 20_000
// Seconds that a database may take to start.
const patience = 120

/** A store of one of its collections that answers. @throws StoreError with why it does not */
export async function openStore(
  database: Database,
  collection = database.collection,
): Promise<DocumentStore> {
  const isRestore = collection !== database.collection
  const store = openMongoStore({ ...database, collection, isRestore, isJob: true })
  for (let tries = 1; ; tries++) {
    try {
      await store.ping()
      return store
    } catch (error) {
      if (tries < patience) await sleep(1000)
      else {
        await store.close()
        throw error
      }
    }
  }
}

/**
 * Backs up what restores have put aside, and drops it; clears up after one that was killed. Returns the backups' names.
 * @throws BackupFault, StoreError; what could not be backed up stays where it is
 */
export async function clearAside(database: Database, swap: Swap, context: JobContext) {
  await swap.forget()
  const names: string[] = []
  for (const collection of await swap.aside()) {
    const store = await openStore(database, collection)
    try {
      const made = await makeBackup(store, context)
      if (made) names.push(made.name)
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      throw new BackupFault(
        `the documents that a restore replaced are in the collection ${collection}, and not in a backup yet: ${words}`,
      )
    } finally {
      await store.close()
    }
    await swap.drop(collection)
  }
  return names
}

/**
 * Restores the file. Nothing changes before its documents are in the database and compared; the present ones are backed
 * up once they are replaced, and every write is in one or the other.
 * @throws BackupFault, StoreError
 */
export async function restoreBackup(
  file: string,
  database: Database,
  swap: Swap,
  context: JobContext,
): Promise<void> {
  const { say } = context
  await clearAside(database, swap, context)
  const collection = restoredCollection(database.collection)
  await swap.drop(collection)
  const store = await openStore(database, collection)
  try {
    await awaitIndexes(store)
    const documents = await fillStore(store, file)
    await compareStore(store, file)
    say(`${documents} documents of ${basename(file)} are in the database, and equal to it`)
  } catch (error) {
    await swap.drop(collection).catch(() => {})
    throw error
  } finally {
    await store.close()
  }
  let held = swap.hold()
  await held
  const holding = setInterval(() => {
    held = swap.hold().catch(() => {})
  }, holdAgain)
  try {
    say('writes are refused for a moment')
    await sleep(untilEveryPodKnows)
    await swap.swap()
  } finally {
    clearInterval(holding)
    await held
    await swap.release()
  }
  const now = Date.now()
  say('they are in the place of the earlier ones')
  const spared = { ...context, spared: basename(file) }
  for (const name of await clearAside(database, swap, spared)) {
    say(`the earlier ones are in ${name}: to have them again, restore that`)
  }
  await swap.note(now)
}

/** It takes a moment while there are no documents, and a value that only one may have is refused by name. */
async function awaitIndexes(store: DocumentStore): Promise<void> {
  while (store.indexes.some((index) => index.state === 'building')) await sleep(100)
}
