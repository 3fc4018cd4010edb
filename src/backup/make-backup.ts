// Makes a backup that counts: written, restored into an embedded store, and compared.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DocumentStore } from '../store/document-store.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import { StoreError } from '../store/store-error.ts'
import { compareStore, fillStore, writeFile } from './backup-file.ts'
import {
  BackupFault,
  freeSpace,
  partFile,
  publishBackup,
  removeDeadParts,
  removeOldBackups,
} from './backup-folder.ts'

/** Where a job works, and how it reports. */
export interface JobContext {
  readonly folder: string
  /** Room for one more store. */
  readonly scratch: string
  /** A name that no other job has at the same time. */
  readonly job: string
  readonly say: (words: string) => void
  /** A backup that stays, however many newer there are. */
  readonly spared?: string
}

/**
 * Backs up the documents of the store, and removes the oldest backups. Undefined if there are none: an empty file would
 * push out one that has some.
 * @throws BackupFault, StoreError; what was there before stays
 */
export async function makeBackup(store: DocumentStore, context: JobContext) {
  const { folder, say } = context
  for (const name of removeDeadParts(folder)) say(`removed ${name}: its job was killed`)
  const part = partFile(folder, context.job)
  try {
    rmSync(part, { force: true })
    const { documents, digest } = await writeFile(store, part)
    if (documents === 0) return undefined
    say(`${documents} documents are written; now they are restored and compared`)
    if ((await restoredDigest(part, context)) !== digest) {
      throw new BackupFault('the file is not what the database gave: it was damaged on its way')
    }
    const name = await publishBackup(folder, part)
    const old = removeOldBackups(folder, context.spared)
    for (const each of old) say(`removed ${each}: newer ones are enough`)
    return { name, documents }
  } catch (error) {
    throw isFull(error) ? new BackupFault(fullWords(context)) : error
  } finally {
    rmSync(part, { force: true })
  }
}

/** The digest of what an embedded store, filled from the file, gives back. */
async function restoredDigest(file: string, { scratch }: JobContext): Promise<string> {
  const folder = join(scratch, 'restored')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const store = openSqliteStore(join(folder, 'documents.db'))
  try {
    await fillStore(store, file)
    return await compareStore(store, file)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof StoreError
    ? error.fault === 'full'
    : error instanceof Error && 'code' in error && error.code === 'ENOSPC'

const fullWords = ({ folder, scratch }: JobContext): string =>
  `there is no room for another backup: ${freeSpace(folder)} on the volume of the backups, ${freeSpace(scratch)} on the one for the trial restore. Nothing was removed to make room`
