// One JSON number, from its source bytes to the BSON type that keeps it exactly.
import { type BsonWriter, bsonType } from './bson-writer.ts'
import { exactDouble } from './exact-number.ts'

/** What is wrong with a number: no JSON at this offset, or a value that cannot be kept. */
export type NumberFault =
  | { readonly kind: 'syntax'; readonly offset: number }
  | { readonly kind: 'not exact'; readonly text: string }

const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n
// Up to 15 digits are exact while they are added up in a double.
const safeDigits = 15

/**
 * Writes the number at `start` as int32, int64 or double and its type at `typeAt`.
 *
 * @returns the offset behind the number, or the fault
 */
export function copyNumber(
  bytes: Buffer,
  start: number,
  end: number,
  out: BsonWriter,
  typeAt: number,
): number | NumberFault {
  const negative = bytes[start] === 0x2d
  const whole = negative ? start + 1 : start
  let at = whole
  let value = 0
  for (; at < end && isDigit(bytes[at]); at++) value = value * 10 + (bytes[at] ?? 0) - 0x30
  const digits = at - whole
  if (digits === 0) return { kind: 'syntax', offset: at }
  if (digits > 1 && bytes[whole] === 0x30) return { kind: 'syntax', offset: whole + 1 }

  const behind = at < end ? bytes[at] : undefined
  if (behind === 0x2e || behind === 0x65 || behind === 0x45) {
    const stop = endOfFraction(bytes, at, end)
    if (typeof stop !== 'number') return stop
    return putDouble(bytes.toString('latin1', start, stop), stop, out, typeAt)
  }
  if (digits > safeDigits) return putLong(bytes.toString('latin1', start, at), at, out, typeAt)
  // BSON's integers have no -0.
  if (negative && value === 0) return putDouble('-0', at, out, typeAt)
  putInteger(negative ? -value : value, out, typeAt)
  return at
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39

function endOfFraction(bytes: Buffer, from: number, end: number): number | NumberFault {
  let at = from
  const digits = () => {
    const first = at
    while (at < end && isDigit(bytes[at])) at++
    return at > first
  }
  if (bytes[at] === 0x2e) {
    at++
    if (!digits()) return { kind: 'syntax', offset: at }
  }
  if (at < end && (bytes[at] === 0x65 || bytes[at] === 0x45)) {
    at++
    if (at < end && (bytes[at] === 0x2b || bytes[at] === 0x2d)) at++
    if (!digits()) return { kind: 'syntax', offset: at }
  }
  return at
}

function putInteger(value: number, out: BsonWriter, typeAt: number): void {
  if (value === (value | 0)) {
    out.bytes[typeAt] = bsonType.int32
    out.int32(value)
    return
  }
  out.bytes[typeAt] = bsonType.int64
  out.int64(BigInt(value))
}

// An integer of over 15 digits: 64 bits, or a double where that is the same number (1 and 30 zeros).
function putLong(
  text: string,
  stop: number,
  out: BsonWriter,
  typeAt: number,
): number | NumberFault {
  if (text.length <= 20) {
    const value = BigInt(text)
    if (value >= int64Min && value <= int64Max) {
      out.bytes[typeAt] = bsonType.int64
      out.int64(value)
      return stop
    }
  }
  return putDouble(text, stop, out, typeAt)
}

function putDouble(
  text: string,
  stop: number,
  out: BsonWriter,
  typeAt: number,
): number | NumberFault {
  const value = exactDouble(text)
  if (value === undefined) return { kind: 'not exact', text }
  out.bytes[typeAt] = bsonType.double
  out.double(value)
  return stop
}
