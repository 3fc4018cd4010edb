// Converts a data file of version 1 or 2, whose documents are BSON, to version 3, where they are JSON.
import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { JsonWriter } from '../codec/json-writer.ts'
import { checksum } from './sqlite-rows.ts'
import { StoreError } from './store-error.ts'

export type Progress = (words: string) => void

// Milliseconds between two lines of progress.
const interval = 2000
// The log, relative to the file: each page is written to it once, and JSON may be longer.
const roomFactor = 1.4
const mebibyte = 1 << 20

/**
 * Makes sure that the disk has room: until the one transaction ends, what is new stands in the log alone.
 * @throws StoreError `full` that says how much is missing
 */
export function expectDiskRoom(path: string): void {
  const needed = statSync(path).size * roomFactor + mebibyte
  const { bavail, bsize } = statfsSync(dirname(path))
  // What an unfinished conversion has left is used again.
  const free = bavail * bsize + (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0)
  if (free >= needed) return
  const megabytes = (bytes: number) => Math.ceil(bytes / mebibyte).toLocaleString('en-GB')
  throw new StoreError(
    'full',
    `it is of an earlier version and is converted once, for which its disk needs ${megabytes(needed)} MiB of room and has ${megabytes(free)}.`,
  )
}

/** Converts the rows of a table in the transaction that is open. */
export function convertRows(db: DatabaseSync, table: string, onProgress: Progress): void {
  const { total } = db.prepare(`SELECT count(*) AS total FROM ${table}`).get() ?? {}
  const next = db.prepare(
    `SELECT rowid, key, json, crc FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT 1`,
  )
  const update = db.prepare(`UPDATE ${table} SET json = CAST(? AS TEXT), crc = ? WHERE rowid = ?`)
  const writer = new JsonWriter()
  let said = performance.now()
  let rowid = Number.MIN_SAFE_INTEGER
  let damaged = 0
  for (let count = 1; ; count++) {
    const row = next.get(rowid)
    if (!row) break
    rowid = Number(row.rowid)
    const json = jsonOf(row, writer)
    if (json) update.run(json, checksum(json), rowid)
    else damaged++
    if (performance.now() - said < interval) continue
    said = performance.now()
    const [done, all] = [count, Number(total)].map((number) => number.toLocaleString('en-GB'))
    onProgress(`${done} of ${all} documents are converted`)
  }
  if (damaged > 0) {
    onProgress(
      `${damaged} documents are damaged: their checksum is wrong. They are kept as they are`,
    )
  }
}

// Undefined if the row is damaged: it stays as it is, and its checksum fits nothing.
function jsonOf(row: Record<string, unknown>, writer: JsonWriter): Uint8Array | undefined {
  const { key, json: bson, crc } = row
  if (!(key instanceof Uint8Array && bson instanceof Uint8Array)) return undefined
  // Documents of version 1 have no checksum.
  if (crc !== null && crc !== crc32(bson, crc32(key))) return undefined
  writer.clear()
  try {
    writer.begin(bson)
    // Damaged lengths could have no end.
    return writer.fill(bson.length * 64 + 1024) ? writer.bytes : undefined
  } catch {
    return undefined
  }
}
