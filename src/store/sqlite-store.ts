// The embedded store: BSON documents in one SQLite file, durable at every acknowledgement.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type DocumentId, idKey, idOfKey } from '../codec/document-id.ts'
import type { EncodedDocument } from '../codec/encoded-document.ts'
import {
  type DocumentStore,
  expectComparable,
  type InsertResult,
  type Precondition,
  type Range,
} from './document-store.ts'
import { createGroupCommit } from './group-commit.ts'
import { createLargeReads } from './large-documents.ts'
import { sqliteError } from './sqlite-error.ts'
import { openDatabase } from './sqlite-file.ts'
import { checksum, readKey, readRow, rowColumns } from './sqlite-row.ts'
import { createWriter } from './sqlite-writer.ts'
import { StoreError } from './store-error.ts'

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

// How often a conditional write starts over because somebody else wrote in between.
const attempts = 5

/**
 * Opens the store in `file`, made with its folder if it does not exist.
 * @throws StoreError with a message for people if the file cannot be used
 */
export function openSqliteStore(file: string): DocumentStore {
  const db = openDatabase(file)
  const statements = prepare(db)
  const transact = createWriter(db)
  const commit = createGroupCommit({
    write: (batch) => transact(() => insertSome(statements, batch)),
    maxBytes: commitBytes,
  })
  const claimStatements = prepareClaims(db)
  const claims = createGroupCommit({
    write: (batch) => transact(() => insertSome(claimStatements, batch)),
  })
  const large = createLargeReads()
  let hasWritten = false

  const find = (key: Uint8Array) => attempt(() => readRow(statements.get.get(key)))
  const whole = (key: Uint8Array) => attempt(() => readRow(statements.whole.get(key))?.bson)

  const read: DocumentStore['read'] = async (id, use) => {
    const key = idKey(id)
    const row = find(key)
    if (row === undefined || row.bson) return use(row?.bson)
    return large(row.size, () => use(whole(key)))
  }

  // Looked at before the transaction, in pieces if it is large; the transaction compares bytes alone.
  const change = async <T>(
    id: DocumentId,
    precondition: Precondition | undefined,
    run: (key: Uint8Array) => T,
    next?: Uint8Array,
  ): Promise<T | 'precondition failed'> => {
    const key = idKey(id)
    if (!precondition) return transact(() => run(key))
    if (typeof precondition === 'string') {
      const wanted = precondition === 'exists'
      return transact(() =>
        (statements.has.get(key) !== undefined) === wanted ? run(key) : 'precondition failed',
      )
    }
    for (let left = attempts; left > 0; left--) {
      const result = await read(id, async (seen) => {
        const holds = precondition(seen)
        // A wait, however short, would let others write in between.
        if (holds !== true && !(await holds)) return 'precondition failed'
        if (next) expectComparable(seen, next)
        return transact(() => (isSame(seen, whole(key)) ? run(key) : undefined))
      })
      if (result !== undefined) return result
    }
    throw new StoreError('overloaded', 'The document changes faster than it can be compared.')
  }

  // A batch of small documents, or one large one: none if it was removed while it waited.
  const batchOf = async (rows: Iterable<unknown>) => {
    const { documents, last, size } = attempt(() => readBatch(rows))
    if (last === undefined || size === 0) return { documents, last }
    const bson = await large(size, () => whole(last))
    return { documents: bson ? [bson] : [], last }
  }

  return {
    name: 'SQLite',
    get waiting() {
      return commit.waiting
    },
    insert: commit.insert,
    get: (id) => read(id, (bson) => bson),
    read,

    async *getMany(ids) {
      let batch: Uint8Array[] = []
      let bytes = 0
      for (const id of ids) {
        const bson = await read(id, (found) => found)
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
      return batchesOf(async () => {
        const { documents, last } = await batchOf(statements.list.iterate(after, through, listRows))
        if (last === undefined) return undefined
        after = last
        return documents
      })
    },

    async *newest(limit, before) {
      let end: Uint8Array = before === undefined ? lastKey : idKey(before)
      for (let left = limit; left > 0; ) {
        const { documents, last } = await batchOf(
          statements.newest.iterate(end, Math.min(left, listRows)),
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

    replace: ({ id, bson }, precondition) =>
      change(
        id,
        precondition,
        (key) => {
          const crc = checksum(key, bson)
          if (Number(statements.update.run(bson, crc, key).changes) > 0) return 'replaced'
          statements.insert.run(key, bson, crc)
          return 'created'
        },
        bson,
      ),

    remove: (id, precondition) =>
      change(id, precondition, (key) =>
        Number(statements.remove.run(key).changes) > 0 ? 'removed' : 'absent',
      ),

    claims: {
      insert: claims.insert,
      get: async (id) => attempt(() => readRow(claimStatements.get.get(idKey(id)))?.bson),
    },

    async ping() {
      attempt(() => statements.ping.get())
      if (!hasWritten) await transact(() => {})
      hasWritten = true
    },

    async count() {
      const count = attempt(() => Number(statements.count.get(countedRows + 1)?.count))
      return count > countedRows ? `over ${countedRows}` : `${count}`
    },

    async close() {
      await Promise.all([commit.idle(), claims.idle()])
      if (!db.isOpen) return
      // What was begun before is through with it, or has had its error.
      await transact(() => {}).catch(() => {})
      if (db.isOpen) db.close()
    },
  }
}

const isSame = (seen: Uint8Array | undefined, now: Uint8Array | undefined) =>
  seen === undefined || now === undefined ? seen === now : Buffer.compare(seen, now) === 0

const firstKey = new Uint8Array([0x00])
const lastKey = new Uint8Array([0xff])

interface Statements {
  readonly insert: StatementSync
  readonly get: StatementSync
  readonly whole: StatementSync
  readonly list: StatementSync
  readonly newest: StatementSync
  readonly nth: StatementSync
  readonly last: StatementSync
  readonly update: StatementSync
  readonly remove: StatementSync
  readonly ping: StatementSync
  readonly count: StatementSync
  readonly has: StatementSync
}

function prepare(db: DatabaseSync): Statements {
  return {
    insert: db.prepare(
      'INSERT INTO documents (key, bson, crc) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    get: db.prepare(`SELECT ${rowColumns} FROM documents WHERE key = ?`),
    whole: db.prepare('SELECT key, length(bson) AS size, bson, crc FROM documents WHERE key = ?'),
    list: db.prepare(
      `SELECT ${rowColumns} FROM documents WHERE key > ? AND key <= ? ORDER BY key LIMIT ?`,
    ),
    newest: db.prepare(
      `SELECT ${rowColumns} FROM documents WHERE key < ? ORDER BY key DESC LIMIT ?`,
    ),
    nth: db.prepare('SELECT key FROM documents WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?'),
    last: db.prepare('SELECT max(key) AS key FROM documents WHERE key > ?'),
    update: db.prepare('UPDATE documents SET bson = ?, crc = ? WHERE key = ?'),
    remove: db.prepare('DELETE FROM documents WHERE key = ?'),
    ping: db.prepare('SELECT 1 FROM documents LIMIT 1'),
    has: db.prepare('SELECT 1 FROM documents WHERE key = ?'),
    count: db.prepare('SELECT count(*) AS count FROM (SELECT 1 FROM documents LIMIT ?)'),
  }
}

const prepareClaims = (db: DatabaseSync): Pick<Statements, 'insert' | 'get'> => ({
  insert: db.prepare('INSERT INTO claims (key, bson, crc) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
  get: db.prepare('SELECT key, length(bson) AS size, bson, crc FROM claims WHERE key = ?'),
})

function insertSome(
  { insert }: Pick<Statements, 'insert'>,
  batch: readonly EncodedDocument[],
): InsertResult[] {
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
const batchesOf = <T>(read: () => Promise<T | undefined>): AsyncIterable<T> => ({
  [Symbol.asyncIterator]: () => ({
    async next() {
      const value = await read()
      return value === undefined ? { done: true, value } : { done: false, value }
    },
  }),
})

// Ends at the first of: no rows, enough rows, enough bytes, a large document that is not its first.
function readBatch(rows: Iterable<unknown>) {
  const documents: Uint8Array[] = []
  let last: Uint8Array | undefined
  let bytes = 0
  for (const row of rows) {
    const found = readRow(row)
    if (!found) continue
    if (!found.bson) {
      if (last === undefined) return { documents, last: found.key, size: found.size }
      break
    }
    documents.push(found.bson)
    last = found.key
    bytes += found.size
    if (bytes >= listBytes) break
  }
  return { documents, last, size: 0 }
}

function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw sqliteError(error)
  }
}
