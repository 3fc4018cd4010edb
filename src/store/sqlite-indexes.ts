// The indexes of the embedded store: the entries that are written with each document, and their state.
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { smallBytes } from '../codec/document-text.ts'
import { nextPiece } from '../fair-turns.ts'
import {
  type IndexKeys,
  type IndexSpec,
  type IndexState,
  type IndexStatus,
  KeyMaker,
  maxValues,
  nameOfIndex,
} from '../query/indexes.ts'
import { quoted } from '../shown-text.ts'
import { hasTable } from './sqlite-rows.ts'
import { DuplicateValue, StoreError } from './store-error.ts'

export interface Index {
  /** Its number in the file. */
  readonly id: number
  readonly spec: IndexSpec
  state: IndexState
  /** How far it is, or which values collide. */
  detail: string
}

// The keys of a document with 100 values at each of 16 paths, 6 kB, take 2 ms: eight writers of such kept others waiting
// for half a second.
const atOnceBytes = 1024

/** What a write does to the entries of a document. */
export interface EntryWriter {
  readonly indexes: readonly Index[]
  /** The keys of a document, in one turn: a small one. */
  keysOf(json: Buffer): readonly IndexKeys[]
  /** Those of a document of any size, before the transaction that writes it: at once if it is very small. */
  prepare(json: Buffer): readonly IndexKeys[] | Promise<readonly IndexKeys[]>
  /**
   * Within the transaction that writes the document: from the keys that it had, if any, to those that it has.
   * @throws StoreError before anything is written: DuplicateValue, or one that is refused
   */
  move(
    document: Uint8Array,
    before: readonly IndexKeys[] | undefined,
    after: readonly IndexKeys[] | undefined,
  ): void
  /** Why the document cannot have these keys. */
  conflict(document: Uint8Array, keys: readonly IndexKeys[]): Conflict | undefined
}

/** A unique index in which a document has too many values, or one that `other` has. */
export interface Conflict {
  readonly spec: IndexSpec
  readonly other: Uint8Array | undefined
}

/** The version of a file with indexes. */
export const indexedVersion = 4

const tables = `
  CREATE TABLE IF NOT EXISTS indexes (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, is_unique INTEGER NOT NULL, through BLOB, state TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS entries (
    "index" INTEGER, key BLOB, document BLOB, crc INTEGER NOT NULL, PRIMARY KEY ("index", key, document)
  ) WITHOUT ROWID;`

/** Brings the list of indexes to what is wanted. The others lose their entries later. */
export function reconcileIndexes(db: DatabaseSync, specs: readonly IndexSpec[]): Index[] {
  if (specs.length === 0 && !hasTable(db, 'indexes')) return []
  db.exec('BEGIN IMMEDIATE')
  db.exec(tables)
  // So that no earlier version writes documents without their entries.
  db.exec(`PRAGMA user_version = ${indexedVersion}`)
  const rows = db.prepare("SELECT * FROM indexes WHERE state != 'dropped'").all()
  const drop = db.prepare("UPDATE indexes SET state = 'dropped' WHERE id = ?")
  const add = db.prepare(
    "INSERT INTO indexes (path, is_unique, state) VALUES (?, ?, 'building') RETURNING id",
  )
  const known = new Map(
    rows.map(({ id, path, is_unique, state }) => [
      `${path} ${is_unique}`,
      { id: Number(id), state: state === 'ready' ? ('ready' as const) : ('building' as const) },
    ]),
  )
  const indexes = specs.map((spec): Index => {
    const [path, unique] = [JSON.stringify(spec.path), spec.unique ? 1 : 0]
    const found = known.get(`${path} ${unique}`)
    known.delete(`${path} ${unique}`)
    if (found) return { ...found, spec, detail: '' }
    return { id: Number(add.get(path, unique)?.id), spec, state: 'building', detail: '' }
  })
  for (const { id } of known.values()) drop.run(id)
  db.exec('COMMIT')
  return indexes
}

/** The checksum of an entry: a bit that flips in a key would hide a document. */
export const entryChecksum = (index: number, key: Uint8Array, document: Uint8Array): number =>
  crc32(document, crc32(key, index))

/** Prepares the writing of entries. */
export function createEntryWriter(db: DatabaseSync, indexes: readonly Index[]): EntryWriter {
  if (indexes.length === 0) {
    const none: readonly IndexKeys[] = []
    return {
      indexes,
      keysOf: () => none,
      prepare: () => none,
      move() {},
      conflict: () => undefined,
    }
  }
  const maker = new KeyMaker(indexes.map(({ spec }) => spec))
  const insert = db.prepare('INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM entries WHERE "index" = ? AND key = ? AND document = ?')
  const others = db.prepare(
    'SELECT document FROM entries WHERE "index" = ? AND key = ? AND document != ? LIMIT 1',
  )

  const conflict: EntryWriter['conflict'] = (document, keys) => {
    for (const [at, { id, spec, state }] of indexes.entries()) {
      if (!spec.unique || state === 'refused') continue
      if (keys[at]?.isMany) return { spec, other: undefined }
      for (const key of keys[at]?.unique ?? []) {
        const other = others.get(id, key, document)?.document
        if (other instanceof Uint8Array) return { spec, other }
      }
    }
    return undefined
  }

  return {
    indexes,
    keysOf: (json) => maker.keysOf(json),
    prepare(json) {
      if (json.length > smallBytes) return maker.keysInTurns(json)
      return json.length > atOnceBytes
        ? nextPiece().then(() => maker.keysOf(json))
        : maker.keysOf(json)
    },
    move(document, before, after) {
      const found = after && conflict(document, after)
      if (found?.other) throw new DuplicateValue(found.spec.path)
      if (found) throw new StoreError('refused', describeTooManyValues(found.spec))
      for (const [at, { id }] of indexes.entries()) {
        const old = before?.[at]?.keys ?? noKeys
        const now = after?.[at]?.keys ?? noKeys
        for (const [text, key] of old) if (!now.has(text)) remove.run(id, key, document)
        for (const [text, key] of now) {
          if (!old.has(text)) insert.run(id, key, document, entryChecksum(id, key, document))
        }
      }
    },
    conflict,
  }
}

const noKeys: ReadonlyMap<string, Buffer> = new Map()

/** For people: why a unique index refuses a document. */
export const describeTooManyValues = ({ path }: IndexSpec): string =>
  `A document may have ${maxValues} different values at ${quoted(path.join('.'))}, where an index is unique.`

/** What people are told of it. */
export const indexStatus = ({ spec, state, detail }: Index): IndexStatus => ({
  name: nameOfIndex(spec),
  state,
  detail,
})
