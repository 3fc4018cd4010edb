// What SQLite's result codes (sqlite.org/rescode.html) mean for a request.
import { StoreError, type StoreFault } from './store-error.ts'

const byCode: Readonly<Record<number, readonly [StoreFault, string]>> = {
  5: ['unavailable', 'Another process is writing to the data file.'], // SQLITE_BUSY
  6: ['unavailable', 'The data file is locked.'], // SQLITE_LOCKED
  8: ['full', 'The data file cannot be written.'], // SQLITE_READONLY
  10: ['unavailable', 'The disk answers with an error.'], // SQLITE_IOERR
  11: ['unavailable', 'The data file is damaged.'], // SQLITE_CORRUPT
  13: ['full', 'The disk is full.'], // SQLITE_FULL
  14: ['unavailable', 'The data file or its folder cannot be opened or written.'], // SQLITE_CANTOPEN
  26: ['unavailable', 'The file is not a database.'], // SQLITE_NOTADB
}

// The low byte is the code, the rest says more of it.
const resultCode = (error: Error): number =>
  'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0

/** Whether another process has the lock that was asked for (SQLITE_BUSY). */
export const isBusy = (error: unknown): boolean => error instanceof Error && resultCode(error) === 5

/** The StoreError for whatever node:sqlite or the file system threw. */
export function sqliteError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  if (!(error instanceof Error)) return new StoreError('failed', 'The store failed.', error)
  const known = byCode[resultCode(error)]
  if (known) return new StoreError(known[0], known[1], error)
  const system = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (system === 'ENOSPC') return new StoreError('full', 'The disk is full.', error)
  // ENOENT: what Node's recursive mkdir makes of a read-only file system.
  if (['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EEXIST'].includes(system)) {
    return new StoreError('unavailable', `its folder cannot be written (${system}).`, error)
  }
  return new StoreError('failed', 'The store failed.', error)
}

/** Does the work; what it throws is thrown as a StoreError. */
export function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw sqliteError(error)
  }
}
