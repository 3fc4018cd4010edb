// Writes the JSON text of BSON documents (bsonspec.org) straight from their bytes.
import { bsonType, bufferOf, endOfValue } from './bson-type.ts'
import { extendedJson } from './extended-json.ts'
import { JsonBytes } from './json-bytes.ts'

// The bytes below: { 0x7b, } 0x7d, [ 0x5b, ] 0x5d, " 0x22, : 0x3a, comma 0x2c.

/**
 * Documents are never JavaScript objects on the way: 10,000 took 5 ms, and 42 ms by deserialize and JSON.stringify.
 *
 * A document is written whole, or in pieces: `begin`, then `fill` until it returns true, with `clear` in between.
 *
 * Types that JSON lacks come out as MongoDB's Extended JSON, `{"$date": ...}`. A key that begins with $ is refused on
 * the way in, so they never change unseen. The _id alone is the plain text that the address has.
 */
export class JsonWriter extends JsonBytes {
  #source = noDocument
  // Where the next element of the source is, or the value of `#type` whose key was a long text.
  #next = 0
  #type = 0
  // The object or array under way, and the ends of those around it: an array's is negative.
  #depth = 0
  #end = 0
  #isArray = false
  #isFirst = true
  #limit = 0
  readonly #outer: number[] = []
  // The rest of a long text or binary under way, and what is written after it.
  #rest: Buffer | undefined
  #isBinary = false
  #suffix = ''

  document(bson: Uint8Array): void {
    this.begin(bson)
    this.fill(Number.POSITIVE_INFINITY)
  }

  /** Begins a document; `fill` adds it. */
  begin(bson: Uint8Array): void {
    this.#source = bson instanceof Buffer ? bson : bufferOf(bson)
    this.#depth = 0
    this.#type = 0
    this.#rest = undefined
    this.#enter(0, false)
  }

  /**
   * Goes on until the document ends, which is true, or the buffer has `limit` bytes: it exceeds that by less than
   * 25 KiB, unless the driver writes an element of that size (extended-json.ts), and stops earlier if the driver has
   * written many, at 2 microseconds each.
   */
  fill(limit: number): boolean {
    this.#limit = limit
    while (this.#depth > 0) {
      if (this.length >= this.#limit) return false
      if (this.#rest !== undefined) this.#writeRest(this.#rest)
      else if (this.#type !== 0) this.#value(this.#type)
      else if (this.#next >= this.#end) this.#leave()
      else this.#element()
    }
    this.#source = noDocument
    return true
  }

  #enter(start: number, isArray: boolean): void {
    this.byte(isArray ? 0x5b : 0x7b)
    this.#outer[this.#depth++] = this.#isArray ? -this.#end : this.#end
    this.#end = start + this.#source.readInt32LE(start) - 1
    this.#isArray = isArray
    this.#next = start + 4
    this.#isFirst = true
  }

  #leave(): void {
    this.byte(this.#isArray ? 0x5d : 0x7d)
    const end = this.#outer[--this.#depth] ?? 0
    this.#isArray = end < 0
    this.#end = Math.abs(end)
    this.#next++
    this.#isFirst = false
  }

  // The keys of an array are not written.
  #element(): void {
    const source = this.#source
    const at = this.#next
    const keyEnd = endOfKey(source, at + 1)
    let type = source[at] ?? 0
    if (this.#isFirst) this.#isFirst = false
    else this.byte(0x2c)
    this.#next = keyEnd + 1
    if (!this.#isArray) {
      const isId =
        type === bsonType.objectId &&
        keyEnd - at === 4 &&
        this.#depth === 1 &&
        source.toString('latin1', at + 1, keyEnd) === '_id'
      if (isId) type = plainObjectId
      this.#string(at + 1, keyEnd, ':')
    }
    if (this.#rest === undefined) this.#value(type)
    else this.#type = type
  }

  #value(type: number): void {
    const source = this.#source
    const at = this.#next
    this.#type = 0
    switch (type) {
      case bsonType.double:
        this.text(doubleText(source.readDoubleLE(at)))
        this.#next = at + 8
        break
      case bsonType.string:
        this.#next = at + 4 + source.readInt32LE(at)
        this.#string(at + 4, this.#next - 1)
        break
      case bsonType.object:
      case bsonType.array:
        this.#enter(at, type === bsonType.array)
        break
      case bsonType.binary:
        this.#binary(at)
        break
      case bsonType.boolean:
        this.text(source[at] === 0 ? 'false' : 'true')
        this.#next = at + 1
        break
      case bsonType.date:
        this.text(dateText(source.readBigInt64LE(at)))
        this.#next = at + 8
        break
      case bsonType.null:
        this.text('null')
        break
      case bsonType.code:
      case bsonType.symbol:
        this.text(type === bsonType.code ? '{"$code":' : '{"$symbol":')
        this.#next = at + 4 + source.readInt32LE(at)
        this.#string(at + 4, this.#next - 1, '}')
        break
      case bsonType.int32:
        this.text(String(source.readInt32LE(at)))
        this.#next = at + 4
        break
      case bsonType.int64:
        this.text(String(source.readBigInt64LE(at)))
        this.#next = at + 8
        break
      case plainObjectId:
        this.#next = at + 12
        this.hex(source, at, this.#next)
        break
      default: {
        const bytes = Buffer.from(extendedJson(source, type, at))
        this.copy(bytes, 0, bytes.length)
        this.#next = endOfValue(source, type, at)
        this.#limit -= driverBytes
      }
    }
  }

  // Its length, its subtype, its bytes; subtype 2 repeats its length before its bytes.
  #binary(at: number): void {
    const source = this.#source
    const subtype = source[at + 4] ?? 0
    const start = at + 5
    this.#next = start + source.readInt32LE(at)
    this.text('{"$binary":{"base64":"')
    this.#rest = source.subarray(subtype === 2 ? start + 4 : start, this.#next)
    this.#isBinary = true
    this.#suffix = `","subType":"${subtype.toString(16).padStart(2, '0')}"}}`
  }

  #string(start: number, end: number, suffix = ''): void {
    this.byte(0x22)
    if (end - start > longText) {
      this.#rest = this.#source.subarray(start, end)
      this.#isBinary = false
      this.#suffix = `"${suffix}`
      return
    }
    this.characters(this.#source, start, end)
    this.byte(0x22)
    if (suffix === ':') this.byte(0x3a)
    else if (suffix !== '') this.text(suffix)
  }

  #writeRest(rest: Buffer): void {
    const end = Math.min(longText, rest.length)
    if (this.#isBinary) this.text(rest.toString('base64', 0, end))
    else this.characters(rest, 0, end)
    if (end < rest.length) {
      this.#rest = rest.subarray(end)
    } else {
      this.#rest = undefined
      this.text(this.#suffix)
    }
  }
}

const noDocument = Buffer.alloc(0)
// The type of the _id at the top, which BSON does not have.
const plainObjectId = -7
// An element that the driver writes takes the time of this many bytes.
const driverBytes = 256
// A longer text is written in pieces. A multiple of 3, for base64 has 4 characters for 3 bytes; and each byte may
// become 6, `\u0000`.
const longText = 3 * 1365

// Keys are short: a loop is quicker than a call into native code.
const shortKey = 24

function endOfKey(source: Buffer, start: number): number {
  let at = start
  const short = Math.min(start + shortKey, source.length)
  while (at < short && source[at] !== 0) at++
  if (at < short) return at
  const end = source.indexOf(0, at)
  return end < 0 ? source.length : end
}

// Up to the year 9999 as text, without milliseconds that are 0, as the driver writes it.
function dateText(time: bigint): string {
  if (time < 0n || time > 253402300799999n) return `{"$date":{"$numberLong":"${time}"}}`
  const text = new Date(Number(time)).toISOString()
  return `{"$date":"${text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text}"}`
}

// All the digits of an integer that has no exponent: String(2 ** 63) ends in 000 where the number ends in 808.
function doubleText(value: number): string {
  if (Number.isInteger(value)) {
    const size = Math.abs(value)
    if (size > Number.MAX_SAFE_INTEGER && size < 1e21) return String(BigInt(value))
    return Object.is(value, -0) ? '-0' : String(value)
  }
  return Number.isFinite(value) ? String(value) : `{"$numberDouble":"${value}"}`
}
