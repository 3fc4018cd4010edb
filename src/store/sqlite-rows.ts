// Reads rows of the data file: one, or many in one native call, each with its checksum.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { DocumentId } from '../codec/document-id.ts'
import { smallBytes } from '../codec/document-text.ts'
import { ownIdOfJson } from '../codec/stored-id.ts'
import { nextPiece } from '../fair-turns.ts'
import { attempt } from './sqlite-error.ts'
import { StoreError } from './store-error.ts'

/**
 * The checksum of a row, whose key is in the text too. SQLite has none: a bit that flips on the disk would come back
 * as another document. It takes 0.3 microseconds for 1 kB (measured).
 */
export const checksum = (json: Uint8Array): number => crc32(json)

// Bytes whose checksum is made in one turn: 1 to 4 ms.
const checkedAtOnce = 4 * 1024 * 1024

async function checksumInTurns(json: Buffer): Promise<number> {
  let sum = 0
  for (let at = 0; at < json.length; at += checkedAtOnce) {
    await nextPiece()
    sum = crc32(json.subarray(at, at + checkedAtOnce), sum)
  }
  return sum
}

/** Whether the data file has this table. */
export const hasTable = (db: DatabaseSync, name: string): boolean =>
  db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined

/** Before and after the keys of all documents. */
export const firstKey = new Uint8Array([0x00])
export const lastKey = new Uint8Array([0xff])

/**
 * Prepares the reading of single rows. SQLite knows the size of a text without reading it, but not what comes after it:
 * to ask for the checksum of a document of 16 MiB took 7 ms.
 */
export function createRowReader(db: DatabaseSync, table: 'documents' | 'claims') {
  const size = 'octet_length(json)'
  const json = 'CAST(json AS BLOB)'
  const from = `FROM ${table} WHERE key = ?`
  const ifSmall = (what: string) => `CASE WHEN ${size} <= ${smallBytes} THEN ${what} END`
  const readSmall = prepared(db, `SELECT ${ifSmall(json)}, ${ifSmall('crc')}, ${size} ${from}`)
  const readAny = prepared(db, `SELECT ${json}, crc ${from}`)
  return {
    /** The text of the row, or its size if it is large. */
    find(key: Uint8Array): Buffer | number | undefined {
      const row = readSmall(key)
      if (!row) return undefined
      const [text, crc, bytes] = row
      return text === null && typeof bytes === 'number' ? bytes : checked(text, crc)
    },
    /** The text, whatever its size. */
    whole(key: Uint8Array): Buffer | undefined {
      const row = readAny(key)
      return row && checked(row[0], row[1])
    },
    /** The same; the checksum is made in pieces, after the turn that reads it. */
    async wholeInTurns(key: Uint8Array): Promise<Buffer | undefined> {
      const row = attempt(() => readAny(key))
      if (!row) return undefined
      const text = blob(row[0])
      if (row[1] !== (await checksumInTurns(text))) throw damagedFile()
      return text
    },
  }
}

export type RowReader = ReturnType<typeof createRowReader>

/** Many rows in their order: their texts, with what was to be put between, and where each of them ends. */
export interface Batch {
  readonly json: Buffer
  readonly ends: readonly number[]
  /** Whether no row comes after it. */
  readonly isLast: boolean
}

/** Reads the next rows, or a large one alone. */
export type BatchReader = (
  where: readonly Uint8Array[],
  limit: number,
  between: string,
) => Batch | { readonly key: Uint8Array; readonly size: number } | undefined

// Bytes of a batch: enough to be quick, and few enough for short turns, since SQLite answers on the event loop itself.
const batchBytes = 256 * 1024

/**
 * Prepares the reading of many rows in one native call: an object of each row took most of the time of a list
 * (measured). Their sizes are read first, so that no more is joined than a batch may have.
 */
export function createBatchReader(
  db: DatabaseSync,
  condition: string,
  order: 'ASC' | 'DESC',
): BatchReader {
  // The plus: SQLite recompiles a statement for each value of a bare LIMIT, in 5 to 7 microseconds.
  const rows = `FROM documents WHERE ${condition} ORDER BY key ${order} LIMIT ? + 0`
  // The length within the subquery: outside of it SQLite reads every text whole, for each of 500 readers of a list
  // that begins with documents of 16 MiB.
  const readSizes = prepared(
    db,
    `SELECT group_concat(size) FROM (SELECT octet_length(json) AS size ${rows})`,
  )
  const readTexts = prepared(
    db,
    `SELECT CAST(group_concat(json, ?) AS BLOB), group_concat(crc) FROM (SELECT json, crc ${rows})`,
  )
  const readKey = prepared(db, `SELECT key ${rows}`)
  const begin = db.prepare('BEGIN')
  const commit = db.prepare('COMMIT')

  const read: BatchReader = (where, limit, between) => {
    const sizes = integers(readSizes(...where, limit)?.[0])
    const [first] = sizes
    if (first === undefined) return undefined
    if (first > smallBytes) return { key: blob(readKey(...where, 1)?.[0]), size: first }
    const count = countWithin(sizes)
    const [texts, sums] = readTexts(between, ...where, count) ?? []
    const json = blob(texts)
    const ends = endsOf(json, sizes, integers(sums), between.length)
    return { json, ends, isLast: sizes.length < limit && count === sizes.length }
  }

  // Both queries must see the same, whatever another process writes.
  return (where, limit, between) => {
    if (db.isTransaction) return read(where, limit, between)
    begin.run()
    try {
      return read(where, limit, between)
    } finally {
      commit.run()
    }
  }
}

// Ends at the first of: all, enough bytes, a large row.
function countWithin(sizes: readonly number[]): number {
  let bytes = 0
  const over = sizes.findIndex((size) => {
    bytes += size
    return size > smallBytes || bytes > batchBytes
  })
  return over < 0 ? sizes.length : over
}

function endsOf(
  json: Buffer,
  sizes: readonly number[],
  sums: readonly number[],
  between: number,
): number[] {
  const ends: number[] = []
  let at = 0
  for (let index = 0; index < sums.length; index++) {
    const end = at + (sizes[index] ?? 0)
    if ((checksum(json.subarray(at, end)) | 0) !== sums[index]) throw damagedFile()
    ends.push(end)
    at = end + between
  }
  if (at !== json.length + between) throw damagedFile()
  return ends
}

/** The columns of the one row of the query. */
function prepared(db: DatabaseSync, sql: string) {
  const statement: StatementSync = db.prepare(sql)
  statement.setReturnArrays(true)
  return (...parameters: (Uint8Array | string | number)[]): unknown[] | undefined => {
    const row: unknown = statement.get(...parameters)
    return Array.isArray(row) ? row : undefined
  }
}

function checked(json: unknown, crc: unknown): Buffer {
  const text = blob(json)
  if (crc !== checksum(text)) throw damagedFile()
  return text
}

/** The bytes of a column. */
export function blob(value: unknown): Buffer {
  if (!(value instanceof Uint8Array)) throw damagedFile()
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

// Of a list with commas, as signed integers of 32 bits: in a third of the time of split and Number.
function integers(list: unknown): number[] {
  const found: number[] = []
  if (typeof list !== 'string') return found
  let value = 0
  for (let at = 0; at < list.length; at++) {
    const unit = list.charCodeAt(at)
    if (unit === 0x2c) {
      found.push(value | 0)
      value = 0
    } else value = value * 10 + unit - 0x30
  }
  found.push(value | 0)
  return found
}

/** The _id of the document whose JSON begins here. */
export function idAt(json: Buffer, start: number): DocumentId {
  const id = ownIdOfJson(json, start)
  if (id === undefined) throw damagedFile()
  return id
}

/** The error for a file in which something is not as it was written. */
export const damagedFile = () =>
  new StoreError('unavailable', 'The data file is damaged: a checksum is wrong.')
