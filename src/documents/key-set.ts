// The keys of the objects that are being parsed, to find one that comes twice.
import type { BsonWriter } from './bson-writer.ts'

// Up to here comparing with each key before is cheaper than a set.
const setFrom = 16

/** A stack of key lists, one for each open object. Keys are ranges of bytes in the writer. */
export class KeySet {
  #ranges: number[] = [] // start and end in turn
  #sets = new Map<number, Set<string>>()

  clear(): void {
    this.#ranges.length = 0
    this.#sets.clear()
  }

  /** Begins an object's list and returns what names it. */
  open(): number {
    return this.#ranges.length
  }

  close(list: number): void {
    this.#ranges.length = list
    this.#sets.delete(list)
  }

  /** Adds the key in the bytes from `start` to `end`. False where the list has it already. */
  add(list: number, out: BsonWriter, start: number, end: number): boolean {
    const ranges = this.#ranges
    const count = (ranges.length - list) / 2
    if (count >= setFrom) return this.#addToSet(list, out, start, end)
    for (let index = list; index < ranges.length; index += 2) {
      const from = ranges[index] ?? 0
      if ((ranges[index + 1] ?? 0) - from !== end - start) continue
      if (equalBytes(out.bytes, from, start, end - start)) return false
    }
    ranges.push(start, end)
    return true
  }

  #addToSet(list: number, out: BsonWriter, start: number, end: number): boolean {
    let set = this.#sets.get(list)
    if (!set) {
      set = new Set()
      for (let index = list; index < this.#ranges.length; index += 2) {
        set.add(out.bytes.toString('latin1', this.#ranges[index], this.#ranges[index + 1]))
      }
      this.#sets.set(list, set)
    }
    const before = set.size
    set.add(out.bytes.toString('latin1', start, end))
    return set.size > before
  }
}

function equalBytes(bytes: Buffer, left: number, right: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    if (bytes[left + index] !== bytes[right + index]) return false
  }
  return true
}
