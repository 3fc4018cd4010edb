// Opens and prepares the SQLite file, and says in plain words why it cannot be used.
import { closeSync, existsSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { idKey } from '../codec/document-id.ts'
import { writeSmallJson } from '../codec/document-text.ts'
import { beginningClaim, encodeClaim, objectIdOfTime } from './claim.ts'
import { convertRows, expectDiskRoom, type Progress } from './sqlite-convert.ts'
import { describeDamage } from './sqlite-damage.ts'
import { sqliteError } from './sqlite-error.ts'
import { indexedVersion } from './sqlite-indexes.ts'
import { insertInto } from './sqlite-insert.ts'
import { checksum, hasTable } from './sqlite-rows.ts'
import { StoreError } from './store-error.ts'

const applicationId = 0x6a736f6e // "json": tells a file of this service from any other database
// 3: documents are JSON. They were BSON before, in version 1 without a checksum.
const schemaVersion = 3

/**
 * Opens the file, made with its folder if it does not exist, for its owner alone, and converts an earlier version. A
 * lock of another process is waited for in native code, for up to 2 s: nothing is served yet. After that it is an
 * error at once (sqlite-writer.ts).
 * @throws StoreError whose message names the file and the fault
 */
export function openDatabase(file: string, onProgress: Progress): DatabaseSync {
  const path = resolve(file)
  try {
    mkdirSync(dirname(path), { recursive: true })
    expectWholeFile(path)
    // SQLite gives its log and the log's index the mode of the file.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
    const db = new DatabaseSync(path)
    try {
      prepareFile(db, path, onProgress)
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

function expectWholeFile(path: string): void {
  // Of what is not a file SQLite says that it cannot be opened.
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return
  const file = realpathSync(path) // SQLite puts the log beside the file that a link leads to
  // Another process may be writing: what looks damaged may be whole a moment later.
  for (const pause of [0, 5, 20, 80]) {
    sleep(pause)
    const fault = describeDamage(file)
    if (fault === undefined) return
    if (pause === 80) throw new StoreError('refused', fault)
  }
}

function prepareFile(db: DatabaseSync, path: string, onProgress: Progress): void {
  db.exec('PRAGMA busy_timeout = 2000')
  const id = pragma(db, 'application_id')
  const version = pragma(db, 'user_version')
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  if (id !== applicationId && tables.length > 0) {
    throw new StoreError('refused', 'it is the database of another program.')
  }
  if (version > indexedVersion) {
    throw new StoreError('refused', `its version ${version} is newer than this service.`)
  }
  // For a new file. With SQLite's own 4 KiB, which hold three documents of 1 kB, it was 17 % larger, a list of 100,000
  // took a seventh longer, and a POST one or two microseconds.
  db.exec('PRAGMA page_size = 8192')
  db.exec('PRAGMA journal_mode = WAL')
  // FULL: an acknowledged document survives a power cut too.
  db.exec('PRAGMA synchronous = FULL')
  // The log goes into the file whenever it has 2 MB, in 5 to 7 ms of one turn; SQLite's own 4 MB took 10 to 14.
  db.exec(`PRAGMA wal_autocheckpoint = ${Math.floor(2_000_000 / pragma(db, 'page_size'))}`)
  if (version < schemaVersion) upgrade(db, path, onProgress)
  makeClaims(db)
  db.exec('PRAGMA busy_timeout = 0')
}

// Not a version of the file: an earlier one leaves the table alone, and can open the file again.
function makeClaims(db: DatabaseSync): void {
  if (hasTable(db, 'claims')) return
  db.exec('BEGIN IMMEDIATE')
  db.exec(
    'CREATE TABLE IF NOT EXISTS claims (key BLOB PRIMARY KEY, json TEXT NOT NULL, crc INTEGER)',
  )
  if (!db.prepare('SELECT 1 FROM documents LIMIT 1').get()) {
    const { id, bson } = encodeClaim(beginningClaim, objectIdOfTime(Date.now()))
    const json = writeSmallJson(bson)
    db.prepare(insertInto('claims')).run(idKey(id), json, checksum(json))
  }
  db.exec('COMMIT')
}

// If the process ends meanwhile, the file stays as it was: SQLite ignores an unfinished transaction in the log.
function upgrade(db: DatabaseSync, path: string, onProgress: Progress): void {
  if (pragma(db, 'user_version') > 0) expectDiskRoom(path)
  db.exec('BEGIN IMMEDIATE')
  // Asked again: another process may have done it in between.
  const version = pragma(db, 'user_version')
  if (version === 0) {
    db.exec('CREATE TABLE documents (key BLOB PRIMARY KEY, json TEXT NOT NULL, crc INTEGER)')
  } else if (version < schemaVersion) {
    onProgress(`the data file is of version ${version}: its documents are converted`)
    if (version === 1) db.exec('ALTER TABLE documents ADD COLUMN crc INTEGER')
    for (const table of ['documents', 'claims']) {
      if (!hasTable(db, table)) continue
      db.exec(`ALTER TABLE ${table} RENAME COLUMN bson TO json`)
      convertRows(db, table, onProgress)
    }
  }
  db.exec(`PRAGMA application_id = ${applicationId}`)
  db.exec(`PRAGMA user_version = ${schemaVersion}`)
  db.exec('COMMIT')
  // Gives back the room of the log.
  if (version > 0) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}

// Nothing is served yet.
const sleep = (milliseconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

const pragma = (db: DatabaseSync, name: string): number =>
  Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
