// Reads a sort key back into its values.
import type { ExactNumber } from './filter.ts'
import { kinds } from './sort-key.ts'

/** A value as a key has it. Objects are maps: those of JavaScript lose the order of keys such as "3". */
export type KeyValue =
  | null
  | boolean
  | string
  | ExactNumber
  | readonly KeyValue[]
  | ReadonlyMap<string, KeyValue>
  | { readonly objectId: string }
  | { readonly milliseconds: bigint }
  | { readonly emptyArray: true }

/** Reads a key from the bytes that a KeyWriter made. */
export class KeyReader {
  readonly #bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** The next value; `inverted`: of a descending step. @throws RangeError if the bytes are not a key */
  value(inverted = false): KeyValue {
    const mask = inverted ? 0xff : 0
    return this.#payload(this.#byte(mask), mask)
  }

  #payload(kind: number, mask: number): KeyValue {
    switch (kind) {
      case kinds.emptyArray:
        return { emptyArray: true }
      case kinds.null:
        return null
      case kinds.number:
        return this.#number(mask)
      case kinds.text:
        return this.#text(mask)
      case kinds.boolean:
        return this.#byte(mask) === 1
      case kinds.objectId:
        return { objectId: this.#take(12, mask).toString('hex') }
      case kinds.date: {
        const sortable = this.#take(8, mask).readBigUInt64BE()
        return { milliseconds: sortable - 2n ** 63n }
      }
      case kinds.array: {
        const items: KeyValue[] = []
        for (let kind = this.#byte(mask); kind !== 0; kind = this.#byte(mask)) {
          items.push(this.#payload(kind, mask))
        }
        return items
      }
      case kinds.object: {
        const members = new Map<string, KeyValue>()
        for (let kind = this.#byte(mask); kind !== 0; kind = this.#byte(mask)) {
          const key = this.#text(mask)
          members.set(key, this.#payload(kind, mask))
        }
        return members
      }
    }
    throw new RangeError(`no kind ${kind}`)
  }

  #byte(mask: number): number {
    return this.#bytes.readUInt8(this.at++) ^ mask
  }

  #take(count: number, mask: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.#byte(mask)))
  }

  #number(mask: number): ExactNumber {
    const bytes = this.#take(10, mask)
    const isNegative = (bytes[0] ?? 0) < 0x80
    for (let at = 0; at < 8; at++) {
      if (isNegative) bytes[at] = ~(bytes[at] ?? 0)
      else if (at === 0) bytes[0] = (bytes[0] ?? 0) ^ 0x80
    }
    const double = bytes.readDoubleBE(0)
    const rest = bytes.readUInt16BE(8) - 0x8000
    if (rest !== 0) return BigInt(double) + BigInt(rest)
    const isLarge = Number.isInteger(double) && !Number.isSafeInteger(double)
    return isLarge && Math.abs(double) < 2 ** 63 ? BigInt(double) : double
  }

  #text(mask: number): string {
    const bytes: number[] = []
    for (;;) {
      const byte = this.#byte(mask)
      if (byte === 0 && this.#byte(mask) === 0) return Buffer.from(bytes).toString()
      bytes.push(byte)
    }
  }
}
