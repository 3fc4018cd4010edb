// The indexes of the embedded store: their entries, which are written with each document, and their state.
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { smallBytes } from '../codec/document-text.ts'
import {
  type IndexKeys,
  type IndexSpec,
  type IndexState,
  type IndexStatus,
  KeyMaker,
  maxValues,
  nameOfIndex,
} from '../query/indexes.ts'
import { quoted } from '../quoted.ts'
import { DuplicateValue, StoreError } from './store-error.ts'

export interface Index {
  /** Its number in the file. */
  readonly id: number
  readonly spec: IndexSpec
  state: IndexState
  /** How far it is, or what collides. */
  detail: string
}

/** What a write does to the entries of a document. */
export interface EntryWriter {
  readonly indexes: readonly Index[]
  /** The keys of a large document, made in turns before it is written; undefined if it is small. */
  prepare(json: Buffer): Promise<readonly IndexKeys[] | undefined>
  /**
   * Within the transaction that writes the document: from what was there to what is there now.
   * @throws DuplicateValue, or StoreError `refused` for too many values, before anything is written
   */
  move(
    document: Uint8Array,
    before: Buffer | undefined,
    after: Buffer | undefined,
    prepared?: readonly IndexKeys[],
  ): void
  /**
   * Adds the entries of a document that is there already.
   * @throws StoreError `refused` for too many values
   */
  add(document: Uint8Array, json: Buffer): void
  /** Another document that has a value which only one may have. */
  collision(document: Uint8Array, json: Buffer): Uint8Array | undefined
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

/**
 * Makes the tables if there is an index, and brings the list of indexes to what is wanted. Those that are
 * no longer wanted lose their entries later.
 */
export function listIndexes(db: DatabaseSync, specs: readonly IndexSpec[]): Index[] {
  const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'indexes'").get() !== undefined
  if (!has && specs.length === 0) return []
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
  const none: EntryWriter = {
    indexes,
    async prepare() {
      return undefined
    },
    move() {},
    add() {},
    collision: () => undefined,
  }
  if (indexes.length === 0) return none
  const maker = new KeyMaker(indexes.map(({ spec }) => spec))
  const insert = db.prepare('INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM entries WHERE "index" = ? AND key = ? AND document = ?')
  const others = db.prepare(
    'SELECT document FROM entries WHERE "index" = ? AND key = ? AND document != ? LIMIT 1',
  )

  const collisionOf = (document: Uint8Array, keys: readonly IndexKeys[]) => {
    for (const [at, { id, spec, state }] of indexes.entries()) {
      if (!spec.unique || state === 'refused') continue
      for (const key of keys[at]?.unique ?? []) {
        const other = others.get(id, key, document)?.document
        if (other instanceof Uint8Array) return { spec, other }
      }
    }
    return undefined
  }
  const expectFew = (keys: readonly IndexKeys[]) => {
    const at = keys.findIndex(
      ({ isTooMany }, index) => isTooMany && indexes[index]?.state !== 'refused',
    )
    const index = indexes[at]
    if (!index) return
    const path = quoted(index.spec.path.join('.'))
    throw new StoreError(
      'refused',
      `It has more than ${maxValues.toLocaleString('en-GB')} values at ${path}, which is as many as an index takes of one document.`,
    )
  }
  const put = (document: Uint8Array, keys: readonly IndexKeys[], known?: readonly IndexKeys[]) => {
    for (const [at, { id }] of indexes.entries()) {
      for (const [text, key] of keys[at]?.keys ?? []) {
        if (known?.[at]?.keys.has(text)) continue
        insert.run(id, key, document, entryChecksum(id, key, document))
      }
    }
  }

  return {
    indexes,
    prepare: async (json) => (json.length > smallBytes ? maker.keysInTurns(json) : undefined),
    move(document, before, after, prepared) {
      const old = before && maker.keysOf(before)
      const keys = after && (prepared ?? maker.keysOf(after))
      if (keys) expectFew(keys)
      const collision = keys && collisionOf(document, keys)
      if (collision) throw new DuplicateValue(collision.spec.path)
      for (const [at, { id }] of indexes.entries()) {
        for (const [text, key] of old?.[at]?.keys ?? []) {
          if (!keys?.[at]?.keys.has(text)) remove.run(id, key, document)
        }
      }
      if (keys) put(document, keys, old)
    },
    add(document, json) {
      const keys = maker.keysOf(json)
      expectFew(keys)
      put(document, keys)
    },
    collision: (document, json) => collisionOf(document, maker.keysOf(json))?.other,
  }
}

/** What people are told of it. */
export const statusOf = ({ spec, state, detail }: Index): IndexStatus => ({
  name: nameOfIndex(spec),
  state,
  detail,
})
