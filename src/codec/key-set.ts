// The keys of the objects that are being parsed, to find one that comes twice.
import type { BsonWriter } from './bson-writer.ts'
import { emptyHash, equalBytes, hashBytes, KeyTable } from './key-table.ts'

// Up to here comparing with each earlier key is cheaper than a table.
const tableFrom = 32
const entry = 3 // start, end and hash of a key
const noHash = -1

/** A stack of key lists, one for each open object. Keys are ranges of bytes in the writer. */
export class KeySet {
  /** How many keys can come at most. */
  most = 0
  // Only the first `#length` count: cutting an array happens in native code, 0.3 us for each object.
  readonly #entries: number[] = []
  #length = 0
  readonly #tables = new Map<number, KeyTable>()
  #spare: KeyTable | undefined
  // The memory of tables that was counted, and the sum of those that are there.
  #counted = 0
  #held = 0
  // Of a long key that is still being read: up to where it is hashed.
  #hash = emptyHash
  #hashedTo = 0

  clear(): void {
    this.#length = 0
    if (this.#tables.size > 0) this.#tables.clear()
    this.#counted = 0
    this.#held = 0
    this.#hashedTo = 0
  }

  /** Begins an object's list and returns its name. */
  open(): number {
    return this.#length
  }

  close(list: number): void {
    this.#length = list
    const table = this.#tables.get(list)
    if (!table) return
    this.#held -= table.byteLength
    this.#tables.delete(list)
    if (table.clear()) this.#spare = table
  }

  /** Hashes what has come of a key at `start`, of which more will come. */
  hashPart(out: BsonWriter, start: number): void {
    if (this.#hashedTo <= start) {
      this.#hash = emptyHash
      this.#hashedTo = start
    }
    this.#hash = hashBytes(out.bytes, this.#hashedTo, out.at, this.#hash)
    this.#hashedTo = out.at
  }

  /** Adds the key in the bytes from `start` to `end`. False if the list has it already. */
  add(list: number, out: BsonWriter, start: number, end: number): boolean {
    let hash = noHash
    if (this.#hashedTo > start) {
      hash = hashBytes(out.bytes, this.#hashedTo, end, this.#hash)
      this.#hashedTo = 0
    }
    const entries = this.#entries
    if (this.#length - list >= tableFrom * entry) {
      return this.#addToTable(list, out, start, end, hash)
    }
    for (let index = list; index < this.#length; index += entry) {
      const from = entries[index] ?? 0
      if ((entries[index + 1] ?? 0) - from !== end - start) continue
      if (equalBytes(out.bytes, from, start, end - start)) return false
    }
    entries[this.#length++] = start
    entries[this.#length++] = end
    entries[this.#length++] = hash
    return true
  }

  #addToTable(list: number, out: BsonWriter, start: number, end: number, hash: number): boolean {
    const table = this.#tables.get(list) ?? this.#openTable(list, out)
    const before = table.byteLength
    const isNew = this.#insert(table, out, start, end, hash)
    if (table.byteLength > before) this.#hold(table.byteLength - before, out)
    return isNew
  }

  #openTable(list: number, out: BsonWriter): KeyTable {
    const table = this.#spare ?? new KeyTable()
    this.#spare = undefined
    this.#tables.set(list, table)
    this.#hold(table.byteLength, out)
    for (let index = list; index < this.#length; index += entry) {
      const [start = 0, end = 0, hash = noHash] = this.#entries.slice(index, index + entry)
      this.#insert(table, out, start, end, hash)
    }
    return table
  }

  #insert(table: KeyTable, { bytes }: BsonWriter, start: number, end: number, hash: number) {
    const known = hash === noHash ? hashBytes(bytes, start, end) : hash
    return table.add(bytes, start, end - start, known, this.most)
  }

  #hold(bytes: number, out: BsonWriter): void {
    this.#held += bytes
    if (this.#held <= this.#counted + uncounted) return
    out.reserve(this.#held - this.#counted)
    this.#counted = this.#held
  }
}

// Tables of this many bytes together are not worth counting.
const uncounted = 1 << 16
