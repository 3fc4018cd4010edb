// Opens and prepares the SQLite file, and says in plain words why it cannot be used.
import { closeSync, existsSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { idKey } from '../codec/document-id.ts'
import { beginning, encodeClaim, objectIdOfTime } from './claim.ts'
import { sqliteError } from './sqlite-error.ts'
import { damagedLog } from './sqlite-log.ts'
import { checksum } from './sqlite-row.ts'
import { StoreError } from './store-error.ts'

const applicationId = 0x6a736f6e // "json": tells a file of this service from any other database
// 2: documents have a checksum. Those of version 1 are read without one.
const schemaVersion = 2

/**
 * Opens the file, made with its folder if it does not exist, for its owner alone. A lock of another
 * process is waited for in native code, for up to 2 s: nothing is served yet. After that a lock is an
 * error at once (sqlite-writer.ts).
 * @throws StoreError whose message names the file and the fault
 */
export function openDatabase(file: string): DatabaseSync {
  const path = resolve(file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    expectWholeLog(path)
    // SQLite gives its log and the log's index the mode of the file.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
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

function expectWholeLog(path: string): void {
  if (!existsSync(path)) return
  const file = realpathSync(path) // SQLite puts the log beside the file that a link leads to
  // Another process may be writing: what looks damaged in one moment is whole in the next.
  for (let look = 0; look < 3; look++) {
    const fault = damagedLog(file)
    if (fault === undefined) return
    if (look === 2) throw new StoreError('refused', fault)
  }
}

function prepareFile(db: DatabaseSync): void {
  db.exec('PRAGMA busy_timeout = 2000')
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
  // The log goes into the file whenever it has 2 MB, which takes 5 to 7 ms of one turn. SQLite's own
  // 4 MB took 10 to 14.
  db.exec('PRAGMA wal_autocheckpoint = 500')
  if (version < schemaVersion) upgrade(db)
  makeClaims(db)
  db.exec('PRAGMA busy_timeout = 0')
}

// Of no version of its own: an earlier version leaves the table alone, and can open the file again.
function makeClaims(db: DatabaseSync): void {
  const table = "SELECT 1 FROM sqlite_schema WHERE name = 'claims'"
  if (db.prepare(table).get()) return
  db.exec('BEGIN IMMEDIATE')
  db.exec(
    'CREATE TABLE IF NOT EXISTS claims (key BLOB PRIMARY KEY, bson BLOB NOT NULL, crc INTEGER)',
  )
  if (!db.prepare('SELECT 1 FROM documents LIMIT 1').get()) {
    const { id, bson } = encodeClaim(beginning, objectIdOfTime(Date.now()))
    const key = idKey(id)
    db.prepare('INSERT INTO claims VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
      key,
      bson,
      checksum(key, bson),
    )
  }
  db.exec('COMMIT')
}

function upgrade(db: DatabaseSync): void {
  db.exec('BEGIN IMMEDIATE')
  // Asked anew: another process may have done it in between.
  const version = pragma(db, 'user_version')
  if (version === 0) {
    db.exec('CREATE TABLE documents (key BLOB PRIMARY KEY, bson BLOB NOT NULL, crc INTEGER)')
  } else if (version === 1) {
    db.exec('ALTER TABLE documents ADD COLUMN crc INTEGER')
  }
  db.exec(`PRAGMA application_id = ${applicationId}`)
  db.exec(`PRAGMA user_version = ${schemaVersion}`)
  db.exec('COMMIT')
}

function pragma(db: DatabaseSync, name: string): number {
  const row = db.prepare(`PRAGMA ${name}`).get()
  return Number(row?.[name] ?? 0)
}
