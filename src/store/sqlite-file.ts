// Opens and prepares the SQLite file, and says in plain words why it cannot be used.
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteError } from './sqlite-error.ts'
import { StoreError } from './store-error.ts'

const applicationId = 0x6a736f6e // "json": tells a file of this service from any other database
const schemaVersion = 1

/**
 * Opens the file, made with its folder where it does not exist.
 * @throws StoreError whose message names the file and the fault
 */
export function openDatabase(file: string): DatabaseSync {
  const path = resolve(file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    const db = new DatabaseSync(path)
    try {
      prepareFile(db)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    const known = sqliteError(error)
    throw new StoreError(
      known.fault,
      `The data file ${path} cannot be used: ${known.message}`,
      error,
    )
  }
}

function prepareFile(db: DatabaseSync): void {
  // A writer of another process is waited for, but not for long: it stops the event loop.
  db.exec('PRAGMA busy_timeout = 500')
  const id = pragma(db, 'application_id')
  const version = pragma(db, 'user_version')
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  if (id !== applicationId && tables.length > 0) {
    throw new StoreError('refused', 'it is the database of another program.')
  }
  if (version > schemaVersion) {
    throw new StoreError('refused', `its version ${version} is newer than this service.`)
  }
  db.exec('PRAGMA journal_mode = WAL')
  // FULL: an acknowledged document survives a power cut, not only a crash of the process.
  db.exec('PRAGMA synchronous = FULL')
  if (tables.length > 0) return
  db.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS documents (key BLOB PRIMARY KEY, bson BLOB NOT NULL);
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${schemaVersion};
    COMMIT;
  `)
}

function pragma(db: DatabaseSync, name: string): number {
  const row = db.prepare(`PRAGMA ${name}`).get()
  return Number(row?.[name] ?? 0)
}
