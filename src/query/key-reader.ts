// Reads a sort key back into its values.
import { decimalText } from './decimal.ts'
import type { ExactNumber, SortStep } from './filter.ts'
import { valueSteps } from './place.ts'
import { decimalDigits, decimalRest, type Kind, kinds } from './sort-key.ts'

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
  /** Canonical Extended JSON of a type that only other programs write. */
  | { readonly kind: ExtendedKind; readonly extended: string }

type ExtendedKind = Exclude<
  Kind,
  'null' | 'boolean' | 'text' | 'object' | 'array' | 'emptyArray' | 'objectId' | 'date'
>

/** The values of a sort key, one for each step but the _id. @throws RangeError if the bytes are not one */
export function valuesOfKey(sort: readonly SortStep[], sortKey: Buffer): KeyValue[] {
  const reader = new KeyReader(sortKey)
  const values = valueSteps(sort).map(({ descending }) => reader.value(descending))
  if (reader.at !== sortKey.length) throw new RangeError('the key goes on')
  return values
}

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
      case kinds.date:
        return { milliseconds: this.#take(8, mask).readBigUInt64BE() - 2n ** 63n }
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
      case kinds.minKey:
        return extended('minKey', { $minKey: 1 })
      case kinds.maxKey:
        return extended('maxKey', { $maxKey: 1 })
      case kinds.binary: {
        const length = this.#take(4, mask).readUInt32BE()
        const subType = this.#byte(mask).toString(16).padStart(2, '0')
        const base64 = this.#take(length, mask).toString('base64')
        return extended('binary', { $binary: { base64, subType } })
      }
      case kinds.timestamp: {
        const bytes = this.#take(8, mask)
        const $timestamp = { t: bytes.readUInt32BE(0), i: bytes.readUInt32BE(4) }
        return extended('timestamp', { $timestamp })
      }
      case kinds.pattern: {
        const pattern = this.#text(mask)
        return extended('pattern', { $regularExpression: { pattern, options: this.#text(mask) } })
      }
      case kinds.code:
        return extended('code', { $code: this.#text(mask) })
      case kinds.codeWithScope:
        return { kind: 'codeWithScope', extended: this.#text(mask) }
      default:
        throw new RangeError(`no kind ${kind}`)
    }
  }

  #byte(mask: number): number {
    return this.#bytes.readUInt8(this.at++) ^ mask
  }

  #take(count: number, mask: number): Buffer {
    const bytes = this.#bytes.subarray(this.at, this.at + count)
    if (bytes.length < count) throw new RangeError('the key ends early')
    this.at += count
    return Buffer.from(bytes.map((byte) => byte ^ mask))
  }

  #number(mask: number): KeyValue {
    const bytes = this.#take(10, mask)
    if (bytes.every((byte) => byte === 0)) return Number.NaN
    const isNegative = (bytes[0] ?? 0) < 0x80
    for (let at = 0; at < 8; at++) {
      if (isNegative) bytes[at] = ~(bytes[at] ?? 0)
      else if (at === 0) bytes[0] = (bytes[0] ?? 0) ^ 0x80
    }
    const double = bytes.readDoubleBE(0)
    if (bytes.readUInt16BE(8) === decimalRest) return this.#decimal(double < 0, mask)
    const rest = bytes.readUInt16BE(8) - 0x8000
    if (rest !== 0) return BigInt(double) + BigInt(rest)
    const isLarge = Number.isInteger(double) && !Number.isSafeInteger(double)
    return isLarge && Math.abs(double) < 2 ** 63 ? BigInt(double) : double
  }

  // 0 is the double before a positive decimal, and never before a negative one.
  #decimal(isNegative: boolean, mask: number): KeyValue {
    const bytes = this.#take(2 + decimalDigits / 2, isNegative ? mask ^ 0xff : mask)
    const digits = bytes.toString('hex', 2).replace(/0+$/, '')
    const text = decimalText({ isNegative, digits, exponent: bytes.readUInt16BE(0) - 0x8000 })
    return extended('number', { $numberDecimal: text })
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

const extended = (kind: ExtendedKind, value: unknown): KeyValue => ({
  kind,
  extended: JSON.stringify(value),
})
