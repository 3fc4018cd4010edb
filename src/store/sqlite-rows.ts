// Reads rows of the data file: one, or many in one native call, each with the checksum that shows damage.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { DocumentId } from '../codec/document-id.ts'
import { smallBytes } from '../codec/document-text.ts'
import { idOfJson } from '../codec/stored-id.ts'
import { StoreError } from './store-error.ts'

/**
 * The checksum of a row. SQLite has none of its own: a bit that flips on the disk would come back as
 * another document. The key is in the text too, as the _id. It takes 0.3 microseconds for 1 kB (measured).
 */
export const checksum = (json: Uint8Array): number => crc32(json)

export interface RowReader {
  /** The text of the row with this key, or its size if it is large: it is read by itself then. */
  find(key: Uint8Array): Buffer | number | undefined
  /** The text, whatever its size. */
  whole(key: Uint8Array): Buffer | undefined
}

/** Prepares the reading of single rows. SQLite knows the size of a text without reading it: 0.01 ms. */
export function createRowReader(db: DatabaseSync, table: 'documents' | 'claims'): RowReader {
  const size = 'octet_length(json)'
  const json = 'CAST(json AS BLOB)'
  const from = `FROM ${table} WHERE key = ?`
  const small = `CASE WHEN ${size} <= ${smallBytes} THEN ${json} END`
  const readSmall = prepared(db, `SELECT ${small}, crc, ${size} ${from}`)
  const readAny = prepared(db, `SELECT ${json}, crc ${from}`)
  return {
    find(key) {
      const row = readSmall(key)
      if (!row) return undefined
      const [text, crc, bytes] = row
      return text === null && typeof bytes === 'number' ? bytes : checked(text, crc)
    },
    whole(key) {
      const row = readAny(key)
      return row && checked(row[0], row[1])
    },
  }
}

/** Many rows in their order. */
export interface Batch {
  /** Their texts, with what was to be put between. */
  readonly json: Buffer
  /** Where in it each text ends. */
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

// Bytes of a batch: enough to be quick, little enough to keep memory and turns short, since SQLite answers
// on the event loop itself.
const batchBytes = 128 * 1024

/**
 * Prepares the reading of many rows in one native call: node:sqlite makes an object of each row and an
 * ArrayBuffer of each text otherwise, which took most of the time of a list (measured). The sizes are asked
 * for before, so that no more is joined than a batch may have.
 */
export function createBatchReader(
  db: DatabaseSync,
  condition: string,
  order: 'ASC' | 'DESC',
): BatchReader {
  const rows = `FROM documents WHERE ${condition} ORDER BY key ${order} LIMIT ?`
  const sizes = 'group_concat(octet_length(json))'
  // The length within the subquery: outside of it SQLite reads every text whole, for each of 500 readers
  // of a list that begins with documents of 16 MiB.
  const readSizes = prepared(
    db,
    `SELECT group_concat(size) FROM (SELECT octet_length(json) AS size ${rows})`,
  )
  const readTexts = prepared(
    db,
    `SELECT CAST(group_concat(json, ?) AS BLOB), ${sizes}, group_concat(crc) FROM (SELECT json, crc ${rows})`,
  )
  const readKey = prepared(db, `SELECT key ${rows}`)
  return (where, limit, between) => {
    const known = numbers(readSizes(...where, limit)?.[0])
    const [first] = known
    if (first === undefined) return undefined
    if (first > smallBytes) return { key: blob(readKey(...where, 1)?.[0]), size: first }
    const count = countWithin(known)
    const [json, lengths, sums] = readTexts(between, ...where, count) ?? []
    const isLast = known.length < limit && count === known.length
    return { ...split(blob(json), numbers(lengths), numbers(sums), between.length), isLast }
  }
}

// Ends at the first of: all, enough bytes, a large row.
function countWithin(sizes: readonly number[]): number {
  let bytes = 0
  let count = 0
  for (const size of sizes) {
    bytes += size
    if (size > smallBytes || (bytes > batchBytes && count > 0)) break
    count++
  }
  return count
}

function split(
  json: Buffer,
  sizes: readonly number[],
  sums: readonly number[],
  between: number,
): { json: Buffer; ends: number[] } {
  const ends: number[] = []
  let at = 0
  for (const [index, size] of sizes.entries()) {
    const end = at + size
    if (sums[index] !== checksum(json.subarray(at, end))) throw damaged()
    ends.push(end)
    at = end + between
  }
  if (sums.length !== sizes.length || at !== json.length + between) throw damaged()
  return { json, ends }
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
  if (crc !== checksum(text)) throw damaged()
  return text
}

function blob(value: unknown): Buffer {
  if (!(value instanceof Uint8Array)) throw damaged()
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

const numbers = (list: unknown): number[] =>
  typeof list === 'string' ? list.split(',').map(Number) : []

/** The _id of the document whose JSON begins here. */
export function idAt(json: Buffer, start: number): DocumentId {
  const id = idOfJson(json, start)
  if (id === undefined) throw damaged()
  return id
}

/** What is wrong with a file in which something is not as it was written. */
export const damaged = () =>
  new StoreError('unavailable', 'The data file is damaged: a checksum is wrong.')
