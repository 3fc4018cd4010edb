// One JSON number, from its source bytes to the BSON type that keeps it, a piece at a time.
import { bsonType } from './bson-type.ts'
import type { BsonWriter } from './bson-writer.ts'
import { type Decimal, maxDoubleDigits, nearestDouble } from './exact-number.ts'

// Up to 15 digits are exact while they are added up in a double.
const safeDigits = 15
// Exponents beyond this are all the same: infinite or zero, whatever digits a body can hold.
const farExponent = 1e9
const shownDigits = 40

type Phase = 'first' | 'zero' | 'whole' | 'point' | 'fraction' | 'e' | 'sign' | 'exponent'

/** Reads numbers in constant memory: it notes where each part is, and looks there in the end. */
export class NumberReader {
  /** Where to read on: after the number in the end, at the fault if there is one. */
  at = 0
  #phase: Phase = 'first'
  #start = 0
  #negative = false
  // Offsets of the first and the last digit that is not zero, or -1; and of the end of the whole part.
  #firstDigit = -1
  #lastDigit = -1
  #wholeEnd = -1
  #exponent = 0
  #exponentSign = 1

  begin(source: Buffer, at: number): void {
    this.#negative = source[at] === 0x2d
    this.at = this.#negative ? at + 1 : at
    this.#start = this.at
    this.#phase = 'first'
    this.#firstDigit = -1
    this.#lastDigit = -1
    this.#wholeEnd = -1
    this.#exponent = 0
    this.#exponentSign = 1
  }

  /** Reads on to `stop` at most. */
  read(source: Buffer, stop: number): 'done' | 'more' | 'syntax' {
    for (; this.at < stop; this.at++) {
      const byte = source[this.at] ?? 0
      const isDigit = byte >= 0x30 && byte <= 0x39
      switch (this.#phase) {
        case 'first':
          if (!isDigit) return 'syntax'
          this.#phase = byte === 0x30 ? 'zero' : 'whole'
          break
        case 'zero':
        case 'whole':
          if (isDigit && this.#phase === 'zero') return 'syntax'
          if (isDigit) break
          this.#wholeEnd = this.at
          if (byte === 0x2e) this.#phase = 'point'
          else if (isE(byte)) this.#phase = 'e'
          else return 'done'
          continue
        case 'point':
          if (!isDigit) return 'syntax'
          this.#phase = 'fraction'
          break
        case 'fraction':
          if (isDigit) break
          if (!isE(byte)) return 'done'
          this.#phase = 'e'
          continue
        case 'e':
          this.#phase = isDigit ? 'exponent' : 'sign'
          if (byte === 0x2d) this.#exponentSign = -1
          else if (byte !== 0x2b && !isDigit) return 'syntax'
          if (isDigit) this.#exponent = byte - 0x30
          continue
        case 'sign':
          if (!isDigit) return 'syntax'
          this.#phase = 'exponent'
          this.#exponent = byte - 0x30
          continue
        case 'exponent':
          if (!isDigit) return 'done'
          this.#exponent = Math.min(this.#exponent * 10 + byte - 0x30, farExponent)
          continue
      }
      if (byte === 0x30) continue
      if (this.#firstDigit < 0) this.#firstDigit = this.at
      this.#lastDigit = this.at
    }
    if (stop < source.length) return 'more'
    if (this.#wholeEnd < 0) this.#wholeEnd = this.at
    return endings.has(this.#phase) ? 'done' : 'syntax'
  }

  /**
   * Writes the number as int32, int64 or double and its type at `typeAt`. False if none of them can
   * keep it; nothing is written then.
   */
  put(source: Buffer, out: BsonWriter, typeAt: number): boolean {
    // BSON's integers have no -0.
    const isMinusZero = this.#negative && this.#firstDigit < 0
    const isInteger = this.at === this.#wholeEnd && !isMinusZero
    const length = this.at - this.#start
    if (isInteger && length <= safeDigits) {
      putInteger(this.#smallInteger(source), out, typeAt)
      return true
    }
    if (isInteger && length <= 19) {
      const value = BigInt(`${this.#negative ? '-' : ''}${this.#text(source)}`)
      if (BigInt.asIntN(64, value) === value) {
        out.bytes[typeAt] = bsonType.int64
        out.int64(value)
        return true
      }
    }
    const decimal = this.#decimal(source)
    const value = decimal && nearestDouble(decimal)
    if (value === undefined) return false
    out.bytes[typeAt] = bsonType.double
    out.double(this.#negative ? -value : value)
    return true
  }

  #smallInteger(source: Buffer): number {
    let value = 0
    for (let at = this.#start; at < this.at; at++) value = value * 10 + (source[at] ?? 0) - 0x30
    return this.#negative ? -value : value
  }

  /** The number for a message: its beginning. */
  shown(source: Buffer): string {
    const text = this.#text(source, this.#start + shownDigits)
    return `${this.#negative ? '-' : ''}${text}${this.at > this.#start + shownDigits ? '...' : ''}`
  }

  #text(source: Buffer, end = this.at): string {
    return source.toString('latin1', this.#start, Math.min(end, this.at))
  }

  // Undefined for more digits than a double can have.
  #decimal(source: Buffer): Decimal | undefined {
    if (this.#firstDigit < 0) return { digits: '', exponent: 0 }
    const last = this.#lastDigit
    if (last - this.#firstDigit > maxDoubleDigits) return undefined
    const digits = source.toString('latin1', this.#firstDigit, last + 1).replace('.', '')
    const places = this.#wholeEnd - last
    const exponent = this.#exponentSign * this.#exponent + (places > 0 ? places - 1 : places)
    return { digits, exponent }
  }
}

const endings: ReadonlySet<Phase> = new Set(['zero', 'whole', 'fraction', 'exponent'])

const isE = (byte: number) => byte === 0x65 || byte === 0x45

function putInteger(value: number, out: BsonWriter, typeAt: number): void {
  const isShort = value === (value | 0)
  out.bytes[typeAt] = isShort ? bsonType.int32 : bsonType.int64
  if (isShort) out.int32(value)
  else out.int64(BigInt(value))
}
