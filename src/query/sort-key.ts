// The place of a value in the order of values, as bytes: memcmp order is MongoDB's order.
import { type DocumentId, idText, isObjectId } from '../codec/document-id.ts'
import { kindOfExtended } from '../codec/extended-id.ts'
import { endOfNumber, endOfObject, endOfText } from './canonical-json.ts'
import { escapedByte, escapedText, readNumber } from './compare.ts'
import type { Decimal } from './decimal.ts'
import type { ExactNumber } from './filter.ts'
import { type ForeignValue, foreignValue, mayBeForeign } from './foreign-value.ts'

/**
 * The first byte of a key: the kind of the value, in the order of kinds. Each key shows where it
 * ends, so that keys can stand one after the other, and 0 ends the members of an object.
 */
export const kinds = {
  minKey: 0x01,
  emptyArray: 0x04,
  null: 0x05,
  number: 0x0a,
  text: 0x14,
  object: 0x1e,
  array: 0x28,
  binary: 0x2d,
  objectId: 0x32,
  boolean: 0x3c,
  date: 0x46,
  timestamp: 0x50,
  pattern: 0x5a,
  code: 0x5f,
  codeWithScope: 0x60,
  maxKey: 0x7f,
} as const
export type Kind = keyof typeof kinds

/** Stands for the rest of a decimal that no double equals: its own digits follow. */
export const decimalRest = 0xffff
/** Digits of a decimal at most. */
export const decimalDigits = 34

const firstBytes = 64
const notANumber = Buffer.alloc(10)
const scratch = new DataView(new ArrayBuffer(8))

/** A growing key. */
export class KeyWriter {
  #bytes = Buffer.allocUnsafe(firstBytes)
  #length = 0

  /** Valid until more is added after a `clear`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  add(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Adds the bytes the other way round in the order. */
  addInverted(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    for (const byte of bytes) this.#bytes[this.#length++] = byte ^ 0xff
  }

  /** A value that is its kind alone has no more than this. */
  byte(byte: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = byte
  }

  number(value: ExactNumber): void {
    this.byte(kinds.number)
    this.#numberPart(value)
  }

  /** A text between quotes of canonical JSON. */
  text(json: Buffer, start: number, end: number): void {
    this.byte(kinds.text)
    this.#textPart(json, start, end)
  }

  /** The _id of a document, also one that another program gave it. */
  id(id: DocumentId): void {
    if (isObjectId(id)) {
      this.byte(kinds.objectId)
      this.add(Buffer.from(id, 'hex'))
    } else {
      this.value(Buffer.from(kindOfExtended(id) === undefined ? JSON.stringify(idText(id)) : id), 0)
    }
  }

  /**
   * A value of canonical JSON, as it is: an array is not expanded. Returns where it ends. Of a member MongoDB
   * compares the kind of its value first, then its key, from `key.at` to `key.end`, then the value.
   */
  value(json: Buffer, at: number, key?: { readonly at: number; readonly end: number }): number {
    const end = mayBeForeign(json, at) ? endOfObject(json, at) : at
    const foreign = end > at ? foreignValue(json, at, end) : undefined
    const kind = foreign ? kinds[foreign.kind] : kindAt(json, at)
    this.byte(kind)
    if (key) this.#textPart(json, key.at, key.end)
    if (foreign === undefined) return this.#payload(json, at, kind)
    this.#foreign(foreign)
    return end
  }

  #foreign(foreign: ForeignValue): void {
    if ('bytes' in foreign) this.add(foreign.bytes)
    else if ('texts' in foreign) {
      for (const text of foreign.texts) {
        const escaped = escapedText(text)
        this.#textPart(escaped, 0, escaped.length)
      }
    } else if (typeof foreign.value === 'object') this.#decimalPart(foreign.value)
    else this.#numberPart(foreign.value)
  }

  #payload(json: Buffer, at: number, kind: number): number {
    switch (kind) {
      case kinds.text: {
        const end = endOfText(json, at + 1)
        this.#textPart(json, at + 1, end)
        return end + 1
      }
      case kinds.number: {
        const end = endOfNumber(json, at)
        this.#numberPart(readNumber(json, at, end))
        return end
      }
      case kinds.boolean: {
        const value = json[at] === 0x74
        this.byte(value ? 1 : 0)
        return at + (value ? 4 : 5)
      }
      case kinds.null:
        return at + 4
      default:
        return this.#members(json, at + 1, kind === kinds.object)
    }
  }

  #members(json: Buffer, start: number, isObject: boolean): number {
    const close = isObject ? 0x7d : 0x5d
    let at = start
    while (json[at] !== close) {
      if (json[at] === 0x2c) at++
      const end = isObject ? endOfText(json, at + 1) : at
      at = isObject ? this.value(json, end + 2, { at: at + 1, end }) : this.value(json, at)
    }
    this.byte(0)
    return at + 1
  }

  // The nearest double, whose bits are made to sort, and how far the integer is from it: at most 512.
  #numberPart(value: ExactNumber): void {
    if (Number.isNaN(value)) {
      // Only another program can have written it; MongoDB has it before all numbers.
      this.add(notANumber)
      return
    }
    this.#reserve(10)
    const double = Number(value)
    const rest = typeof value === 'bigint' ? Number(value - BigInt(double)) : 0
    scratch.setFloat64(0, double + 0)
    const high = scratch.getUint32(0)
    const low = scratch.getUint32(4)
    const isNegative = high >= 0x8000_0000
    this.#bytes.writeUInt32BE((isNegative ? ~high : high | 0x8000_0000) >>> 0, this.#length)
    this.#bytes.writeUInt32BE((isNegative ? ~low : low) >>> 0, this.#length + 4)
    this.#bytes.writeUInt16BE(rest + 0x8000, this.#length + 8)
    this.#length += 10
  }

  // After the double that is less; among those between two doubles by the digits.
  #decimalPart({ below, isNegative, digits, exponent }: Decimal): void {
    this.#numberPart(below)
    this.#bytes.writeUInt16BE(decimalRest, this.#length - 2)
    const rest = Buffer.alloc(2 + decimalDigits / 2)
    rest.writeUInt16BE(exponent + 0x8000)
    rest.write(digits.padEnd(decimalDigits, '0'), 2, 'hex')
    if (isNegative) this.addInverted(rest)
    else this.add(rest)
  }

  // UTF-8, in which 0 becomes 0 255, and 0 0 at the end.
  #textPart(json: Buffer, start: number, end: number): void {
    this.#reserve(end - start + 2)
    let at = start
    while (at < end) {
      let byte = json[at] ?? 0
      if (byte === 0x5c) {
        byte = escapedByte(json, at)
        at += json[at + 1] === 0x75 ? 6 : 2
      } else at++
      this.#bytes[this.#length++] = byte
      if (byte === 0) this.#bytes[this.#length++] = 0xff
    }
    this.#bytes[this.#length++] = 0
    this.#bytes[this.#length++] = 0
  }

  #reserve(count: number): void {
    const wanted = this.#length + count
    if (wanted <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, wanted))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}

/** The kind of the value that begins here. */
function kindAt(json: Buffer, at: number): number {
  switch (json[at]) {
    case 0x22:
      return kinds.text
    case 0x7b:
      return kinds.object
    case 0x5b:
      return kinds.array
    case 0x74:
    case 0x66:
      return kinds.boolean
    case 0x6e:
      return kinds.null
    default:
      return kinds.number
  }
}
