// The embedded store: BSON documents in one SQLite file, durable at every acknowledgement.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { idKey, idOfKey } from './document-id.ts'
import {
  type DocumentStore,
  type EncodedDocument,
  expectComparable,
  type InsertResult,
  type Precondition,
  type Range,
} from './document-store.ts'
import { createGroupCommit } from './group-commit.ts'
import { sqliteError } from './sqlite-error.ts'
import { openDatabase } from './sqlite-file.ts'
import { checksum, readKey, readRow } from './sqlite-row.ts'
import { createWriter } from './sqlite-writer.ts'

// A batch of a list: enough to be quick, little enough to keep memory flat and to let other
// requests in between, since SQLite answers on the event loop itself.
const listBytes = 64 * 1024
const listRows = 1000

// A batch of inserts: 1000 small documents take 2.5 ms and their fsync 0.3 to 1 ms, 1 MiB takes 3 ms in
// all (measured). Larger batches are no quicker: 16 MB took 4.1 ms a MiB.
const commitBytes = 1024 * 1024
// Milliseconds of one transaction, after which the rest of the batch goes into the next one: in a
// file larger than memory each document may have to read pages.
const transactionTime = 5

// Rows that are counted for the log, in 4 ms.
const countedRows = 100_000

/**
 * Opens the store in `file`, made with its folder where it does not exist.
 * @throws StoreError with a message for people where the file cannot be used
 */
export function openSqliteStore(file: string): DocumentStore {
  const db = openDatabase(file)
  const statements = prepare(db)
  const write = createWriter(db)
  const commit = createGroupCommit({
    write: (batch) => write(() => insertSome(statements, batch)),
    maxBytes: commitBytes,
  })
  const agrees = (key: Uint8Array, precondition: Precondition, next?: Uint8Array): boolean => {
    const current = readRow(statements.get.get(key))?.bson
    if (precondition === 'exists') return current !== undefined
    if (precondition === 'absent') return current === undefined
    if (!precondition(current)) return false
    if (next) expectComparable(current, next)
    return true
  }
  let hasWritten = false

  return {
    name: 'SQLite',
    get waiting() {
      return commit.waiting
    },
    insert: commit.insert,
    get: async (id) => attempt(() => readRow(statements.get.get(idKey(id)))?.bson),

    async *getMany(ids) {
      let batch: Uint8Array[] = []
      let bytes = 0
      for (const id of ids) {
        const bson = attempt(() => readRow(statements.get.get(idKey(id)))?.bson)
        if (!bson) continue
        batch.push(bson)
        bytes += bson.length
        if (batch.length < listRows && bytes < listBytes) continue
        yield batch
        batch = []
        bytes = 0
        await nextTurn()
      }
      if (batch.length > 0) yield batch
    },

    list(range: Range = {}) {
      // Each batch is a query of its own: a cursor held open for a slow reader would keep the
      // write-ahead log from ever being cut.
      const through = range.through === undefined ? lastKey : idKey(range.through)
      let after: Uint8Array = range.after === undefined ? firstKey : idKey(range.after)
      return batchesOf(() => {
        const { documents, last } = attempt(() =>
          readBatch(statements.list.iterate(after, through, listRows)),
        )
        if (last === undefined) return undefined
        after = last
        return documents
      })
    },

    async *newest(limit, before) {
      let end: Uint8Array = before === undefined ? lastKey : idKey(before)
      for (let left = limit; left > 0; ) {
        const { documents, last } = attempt(() =>
          readBatch(statements.newest.iterate(end, Math.min(left, listRows))),
        )
        if (last === undefined) return
        yield documents
        end = last
        left -= documents.length
      }
    },

    async page(limit, after) {
      const from = after === undefined ? firstKey : idKey(after)
      return attempt(() => {
        const last =
          readKey(statements.nth.get(from, limit - 1)) ?? readKey(statements.last.get(from))
        if (last === undefined) return { last: undefined, more: false }
        return { last: idOfKey(last), more: statements.nth.get(last, 0) !== undefined }
      })
    },

    replace({ id, bson }, precondition) {
      const key = idKey(id)
      const crc = checksum(key, bson)
      return write(() => {
        if (precondition && !agrees(key, precondition, bson)) return 'precondition failed'
        if (Number(statements.update.run(bson, crc, key).changes) > 0) return 'replaced'
        statements.insert.run(key, bson, crc)
        return 'created'
      })
    },

    remove(id, precondition) {
      const key = idKey(id)
      return write(() => {
        if (precondition && !agrees(key, precondition)) return 'precondition failed'
        return Number(statements.remove.run(key).changes) > 0 ? 'removed' : 'absent'
      })
    },

    async ping() {
      attempt(() => statements.ping.get())
      if (!hasWritten) await write(() => {})
      hasWritten = true
    },

    async describe() {
      const count = attempt(() => Number(statements.count.get(countedRows + 1)?.count))
      const documents = count > countedRows ? `over ${countedRows}` : `${count}`
      return { place: db.location() ?? file, documents }
    },

    async close() {
      await commit.idle()
      if (!db.isOpen) return
      // What was begun before is through with it, or has had its error.
      await write(() => {}).catch(() => {})
      if (db.isOpen) db.close()
    },
  }
}

const firstKey = new Uint8Array([0x00])
const lastKey = new Uint8Array([0xff])

interface Statements {
  readonly insert: StatementSync
  readonly get: StatementSync
  readonly list: StatementSync
  readonly newest: StatementSync
  readonly nth: StatementSync
  readonly last: StatementSync
  readonly update: StatementSync
  readonly remove: StatementSync
  readonly ping: StatementSync
  readonly count: StatementSync
}

function prepare(db: DatabaseSync): Statements {
  return {
    insert: db.prepare(
      'INSERT INTO documents (key, bson, crc) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    get: db.prepare('SELECT key, bson, crc FROM documents WHERE key = ?'),
    list: db.prepare(
      'SELECT key, bson, crc FROM documents WHERE key > ? AND key <= ? ORDER BY key LIMIT ?',
    ),
    newest: db.prepare(
      'SELECT key, bson, crc FROM documents WHERE key < ? ORDER BY key DESC LIMIT ?',
    ),
    nth: db.prepare('SELECT key FROM documents WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?'),
    last: db.prepare('SELECT max(key) AS key FROM documents WHERE key > ?'),
    update: db.prepare('UPDATE documents SET bson = ?, crc = ? WHERE key = ?'),
    remove: db.prepare('DELETE FROM documents WHERE key = ?'),
    ping: db.prepare('SELECT 1 FROM documents LIMIT 1'),
    count: db.prepare('SELECT count(*) AS count FROM (SELECT 1 FROM documents LIMIT ?)'),
  }
}

function insertSome({ insert }: Statements, batch: readonly EncodedDocument[]): InsertResult[] {
  const end = performance.now() + transactionTime
  const results: InsertResult[] = []
  for (const { id, bson } of batch) {
    const key = idKey(id)
    const { changes } = insert.run(key, bson, checksum(key, bson))
    results.push(Number(changes) > 0 ? { ok: true } : { ok: false, reason: 'duplicate' })
    if (performance.now() > end) break
  }
  return results
}

// What `read` gives until it gives nothing. A generator would hold each batch for as long as a slow
// reader is busy with it, and with what it has made of it.
const batchesOf = <T>(read: () => T | undefined): AsyncIterable<T> => ({
  [Symbol.asyncIterator]: () => ({
    async next() {
      const value = read()
      return value === undefined ? { done: true, value } : { done: false, value }
    },
  }),
})

// Ends at the first of: no rows, enough rows, enough bytes.
function readBatch(rows: Iterable<unknown>) {
  const documents: Uint8Array[] = []
  let last: Uint8Array | undefined
  let bytes = 0
  for (const row of rows) {
    const found = readRow(row)
    if (!found) continue
    documents.push(found.bson)
    last = found.key
    bytes += found.bson.length
    if (bytes >= listBytes) break
  }
  return { documents, last }
}

function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw sqliteError(error)
  }
}
