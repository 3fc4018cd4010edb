// The embedded store: documents as JSON in one SQLite file, durable at every acknowledgement.
import type { DatabaseSync } from 'node:sqlite'
import { type DocumentId, idKey } from '../codec/document-id.ts'
import { DocumentParser } from '../codec/document-parser.ts'
import { smallBytes, textOfJson, writeLargeJson, writeSmallJson } from '../codec/document-text.ts'
import { nextPiece } from '../fair-turns.ts'
import type { IndexKeys, IndexSpec } from '../query/indexes.ts'
import { isId, isSamePath } from '../query/path.ts'
import { type DocumentStore, expectComparable, type Precondition } from './document-store.ts'
import { createLargeQueue } from './limiter.ts'
import { attempt } from './sqlite-error.ts'
import { openDatabase } from './sqlite-file.ts'
import { buildIndexes } from './sqlite-index-build.ts'
import { createEntryWriter, indexStatus, reconcileIndexes } from './sqlite-indexes.ts'
import { createInserts, insertInto } from './sqlite-insert.ts'
import { createReads } from './sqlite-reads.ts'
import { checksum, createRowReader, firstKey } from './sqlite-rows.ts'
import { createWriter } from './sqlite-writer.ts'
import { changedTooFast } from './store-error.ts'

// Rows that are counted for the log, in 4 ms.
const countedRows = 100_000
// And in one turn, exactly: 2 ms.
const countedAtOnce = 20_000

// How often a conditional write begins because of others that come in between.
const attempts = 5

interface SqliteIndexOptions {
  readonly indexes?: readonly IndexSpec[]
  /** At most this many entries are looked up one by one, instead of going over all documents. */
  readonly fewEntries?: number
}

/**
 * Opens the store in `file`, made with its folder if it does not exist, or converted if it is of an earlier version.
 * `onProgress` is told how far that is. The indexes are made while the store is used.
 * @throws StoreError with a message for people if the file cannot be used
 */
export function openSqliteStore(
  file: string,
  onProgress = (_: string) => {},
  { indexes: specs = [], fewEntries }: SqliteIndexOptions = {},
): DocumentStore {
  const db = openDatabase(file, onProgress)
  const statements = prepare(db)
  const indexes = attempt(() => reconcileIndexes(db, specs))
  const entries = createEntryWriter(db, indexes)
  const reads = createReads(db, { indexes, fewEntries })
  const transact = createWriter(db)
  const documents = createInserts(db, transact, 'documents', entries)
  const claims = createInserts(db, transact, 'claims')
  let isClosed = false
  const build = { db, transact, indexes, say: onProgress, isClosed: () => isClosed }
  const building = buildIndexes(build).catch((error: unknown) => onProgress(String(error)))
  const claimRows = createRowReader(db, 'claims')
  // For replacements: each holds its JSON beside its BSON.
  const largeWrites = createLargeQueue()
  const parser = new DocumentParser()
  let hasWritten = false

  // In bytes, -1 if it is not there.
  const sizeOf = (key: Uint8Array) => Number(statements.size.get(key)?.size ?? -1)

  const putRow = (
    key: Uint8Array,
    before: readonly IndexKeys[] | undefined,
    json: Buffer,
    after: readonly IndexKeys[],
  ): 'created' | 'replaced' => {
    entries.move(key, before, after)
    const crc = checksum(json)
    if (Number(statements.update.run(json, crc, key).changes) > 0) return 'replaced'
    statements.insert.run(key, json, crc)
    return 'created'
  }

  // Decides on what is stored, and starts over if that is not the same when it is written.
  const whileSame = async <T>(
    id: DocumentId,
    decide: (
      seen: Buffer | undefined,
      write: (run: () => T) => Promise<T | undefined>,
    ) => Promise<T | undefined>,
  ): Promise<T> => {
    const key = idKey(id)
    for (let left = attempts; left > 0; left--) {
      const result = await reads.readJson(id, (seen) =>
        decide(seen, (run) => transact(() => (isSame(seen, reads.whole(key)) ? run() : undefined))),
      )
      if (result !== undefined) return result
    }
    throw changedTooFast()
  }

  // Runs the write with the index keys of what is stored, made before: the transaction only compares bytes.
  const writeIf = async <T>(
    id: DocumentId,
    precondition: Precondition | undefined,
    run: (key: Uint8Array, before: readonly IndexKeys[] | undefined) => T,
    nextBytes?: number,
  ): Promise<T | 'precondition failed'> => {
    const key = idKey(id)
    if (typeof precondition !== 'function') {
      const result = await transact(() => {
        const size = precondition || indexes.length > 0 ? sizeOf(key) : -1
        if (precondition && (precondition === 'exists') !== size >= 0) return 'precondition failed'
        if (indexes.length === 0 || size < 0) return run(key, undefined)
        const before = size > smallBytes ? undefined : reads.whole(key)
        return before && run(key, entries.keysOf(before))
      })
      if (result !== undefined) return result
    }
    return whileSame<T | 'precondition failed'>(id, async (seen, write) => {
      if (typeof precondition === 'function') {
        const holds = precondition(seen && textOfJson(id, seen))
        // A wait, however short, would let others write in between.
        if (holds !== true && !(await holds)) return 'precondition failed'
        if (nextBytes !== undefined) expectComparable(seen?.length, nextBytes)
      } else if (precondition && (precondition === 'exists') !== (seen !== undefined)) {
        return 'precondition failed'
      }
      const before = seen && (await entries.prepare(seen))
      return write(() => run(key, before))
    })
  }

  return {
    ...reads,
    name: 'SQLite',
    get waiting() {
      return documents.waiting
    },
    insert: documents.insert,

    replace({ id, bson }, precondition) {
      const put = (json: Buffer, after: readonly IndexKeys[]) =>
        writeIf(id, precondition, (key, before) => putRow(key, before, json, after), json.length)
      // At once if it is small, and so are its keys: writes are done in the order of their calls.
      if (bson.length > smallBytes) {
        return largeWrites(bson.length, async () => {
          const json = await writeLargeJson(bson)
          return put(json, await entries.prepare(json))
        })
      }
      const json = Buffer.from(writeSmallJson(bson))
      const after = entries.prepare(json)
      return after instanceof Promise ? after.then((keys) => put(json, keys)) : put(json, after)
    },

    change: (id, change) =>
      whileSame<boolean>(id, async (seen, write) => {
        if (seen === undefined) return false
        const bson = async () => (await parser.parseDocument(seen, id)).bson
        const next = await change({ text: textOfJson(id, seen), bson })
        if (next === undefined) return true
        const json =
          next.length > smallBytes ? await writeLargeJson(next) : Buffer.from(writeSmallJson(next))
        expectComparable(seen.length, json.length)
        const [before, after] = [await entries.prepare(seen), await entries.prepare(json)]
        return write(() => {
          putRow(idKey(id), before, json, after)
          return true
        })
      }),

    remove: (id, precondition) =>
      writeIf(id, precondition, (key, before) => {
        entries.move(key, before, undefined)
        return Number(statements.remove.run(key).changes) > 0 ? 'removed' : 'absent'
      }),

    claims: {
      insert: claims.insert,
      get: async (id) => {
        const json = attempt(() => claimRows.whole(idKey(id)))
        return json && textOfJson(id, json)
      },
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

    get indexes() {
      return indexes.map(indexStatus)
    },

    isOrdered: ([first]) =>
      first !== undefined &&
      (isId(first.path) ||
        indexes.some(({ spec, state }) => state === 'ready' && isSamePath(spec.path, first.path))),

    async countOf(filter) {
      if (filter) return undefined
      let count = 0
      for (let after: unknown = firstKey; after instanceof Uint8Array; ) {
        const from: Uint8Array = after
        const row = attempt(() => statements.countAfter.get(from, countedAtOnce))
        count += Number(row?.count)
        after = row?.last
        await nextPiece()
      }
      return count
    },

    async close() {
      isClosed = true
      await Promise.all([documents.idle(), claims.idle(), building])
      if (!db.isOpen) return
      // What was begun before has ended, or failed.
      await transact(() => {}).catch(() => {})
      if (db.isOpen) db.close()
    },
  }
}

const isSame = (seen: Buffer | undefined, now: Buffer | undefined) =>
  seen === undefined || now === undefined ? seen === now : seen.equals(now)

const prepare = (db: DatabaseSync) => ({
  insert: db.prepare(insertInto('documents')),
  update: db.prepare('UPDATE documents SET json = CAST(? AS TEXT), crc = ? WHERE key = ?'),
  remove: db.prepare('DELETE FROM documents WHERE key = ?'),
  ping: db.prepare('SELECT 1 FROM documents LIMIT 1'),
  countAfter: db.prepare(
    'SELECT count(*) AS count, max(key) AS last FROM (SELECT key FROM documents WHERE key > ? ORDER BY key LIMIT ?)',
  ),
  size: db.prepare('SELECT octet_length(json) AS size FROM documents WHERE key = ?'),
  count: db.prepare('SELECT count(*) AS count FROM (SELECT 1 FROM documents LIMIT ?)'),
})
