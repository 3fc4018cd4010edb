// A hash table of the keys of one large object, which are byte ranges in the BSON writer.
import { randomInt } from 'node:crypto'

/** The hash of no bytes. */
export const emptyHash = 1

// A polynomial over a prime field at a secret point: whatever keys a client chooses, the chance
// that two collide is their length in 67 million. All products are exact in a double.
const prime = 67_108_859
const inverse = 1 / prime
const point = randomInt(1 << 20, prime)

/** The hash of `hash`’s bytes and those that follow. */
export function hashBytes(bytes: Buffer, from: number, to: number, hash = emptyHash): number {
  let value = hash
  for (let at = from; at < to; at++) {
    const product = value * point + (bytes[at] ?? 0)
    value = product - Math.floor(product * inverse) * prime
    // The quotient is rounded, and may be one off.
    if (value < 0) value += prime
    else if (value >= prime) value -= prime
  }
  return value
}

// A table grows by moving everything in it, so it never grows when that would take long: from 65,000 keys
// on it has room for as many as can come.
const sizes = [256, 4096, 1 << 17]
// As many as 16 MiB of BSON can hold.
const largest = 1 << 22

/** Keys by their start; each ends with a NUL in the bytes. */
export class KeyTable {
  // Two numbers per slot: the key's start and one, or 0 for none; its hash.
  #slots = new Int32Array(2 * (sizes[0] ?? 0))
  #count = 0
  #step = 0

  /** Takes out all keys. False if the table is not small: a new one costs no more then. */
  clear(): boolean {
    if (this.#step > 0) return false
    this.#slots.fill(0)
    this.#count = 0
    return true
  }

  get byteLength(): number {
    return this.#slots.byteLength
  }

  /** Adds the key of `length` bytes at `start`. False if an equal one is there. `most` keys can come. */
  add(bytes: Buffer, start: number, length: number, hash: number, most: number): boolean {
    const slots = this.#slots
    const last = slots.length / 2 - 1
    let slot = hash & last
    for (let known = slots[2 * slot] ?? 0; known !== 0; known = slots[2 * slot] ?? 0) {
      const isLikely = slots[2 * slot + 1] === hash && bytes[known - 1 + length] === 0
      if (isLikely && equalBytes(bytes, known - 1, start, length)) return false
      slot = (slot + 1) & last
    }
    slots[2 * slot] = start + 1
    slots[2 * slot + 1] = hash
    if (++this.#count * 2 > last && this.#step < sizes.length) this.#grow(most)
    return true
  }

  #grow(most: number): void {
    const old = this.#slots
    const wanted = 2 ** Math.ceil(Math.log2(most * 1.5))
    const slots = new Int32Array(2 * (sizes[++this.#step] ?? Math.min(wanted, largest)))
    const last = slots.length / 2 - 1
    for (let index = 0; index < old.length; index += 2) {
      const start = old[index] ?? 0
      if (start === 0) continue
      const hash = old[index + 1] ?? 0
      let slot = hash & last
      while (slots[2 * slot] !== 0) slot = (slot + 1) & last
      slots[2 * slot] = start
      slots[2 * slot + 1] = hash
    }
    this.#slots = slots
  }
}

// Below, a loop is quicker than a call into native code.
const nativeFrom = 64

/** Whether the ranges of this length at the two offsets are equal. */
export function equalBytes(bytes: Buffer, left: number, right: number, length: number): boolean {
  if (length >= nativeFrom) {
    return bytes.compare(bytes, left, left + length, right, right + length) === 0
  }
  for (let index = 0; index < length; index++) {
    if (bytes[left + index] !== bytes[right + index]) return false
  }
  return true
}
