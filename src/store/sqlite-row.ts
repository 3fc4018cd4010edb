// A row of the data file: its key, its document, and the checksum that shows damage of either.
import { crc32 } from 'node:zlib'
import { smallBytes } from './large-documents.ts'
import { StoreError } from './store-error.ts'

export interface Row {
  readonly key: Uint8Array
  /** Bytes of the document. */
  readonly size: number
  /** Undefined if the document is large: it is read by itself, in its turn. */
  readonly bson: Uint8Array | undefined
}

/**
 * The checksum of a row. SQLite has none of its own: a bit that flips on the disk would come back as
 * another document. It costs 0.3 microseconds for a document of 300 bytes (measured).
 */
export const checksum = (key: Uint8Array, bson: Uint8Array): number => crc32(bson, crc32(key))

/** The columns of a row. SQLite knows the size of a document without reading its pages: 0.01 ms. */
export const rowColumns = `key, length(bson) AS size, ${unlessLarge('bson')}, ${unlessLarge('crc')}`

function unlessLarge(column: string): string {
  return `CASE WHEN length(bson) <= ${smallBytes} THEN ${column} END AS ${column}`
}

/**
 * Reads the columns of a row; undefined where there is no row. A row of a file that an earlier version
 * wrote has no checksum.
 * @throws StoreError where the row is not what was written
 */
export function readRow(row: unknown): Row | undefined {
  if (row === undefined) return undefined
  const key = column(row, 'key')
  const size = column(row, 'size')
  const bson = column(row, 'bson')
  const crc = column(row, 'crc')
  if (!(key instanceof Uint8Array) || typeof size !== 'number') throw damaged()
  if (bson === null && size > smallBytes) return { key, size, bson: undefined }
  if (!(bson instanceof Uint8Array)) throw damaged()
  if (crc !== null && crc !== checksum(key, bson)) throw damaged()
  return { key, size, bson }
}

/** The column key of a row that has nothing else. */
export function readKey(row: unknown): Uint8Array | undefined {
  const key = column(row, 'key')
  return key instanceof Uint8Array ? key : undefined
}

const column = (row: unknown, name: string): unknown =>
  typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined

const damaged = () =>
  new StoreError('unavailable', 'The data file is damaged: a checksum is wrong.')
