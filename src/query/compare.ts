// Compares what stands in canonical JSON text with the operands of conditions: numbers exactly, texts by UTF-8.
import type { ExactNumber } from './filter.ts'

// Up to this many digits stay exact while they are added up in a double.
const safeDigits = 15

/** The number whose token stands at `start`: a bigint if a double could be another integer. -0 is 0. */
export function readNumber(json: Buffer, start: number, end: number): ExactNumber {
  const isNegative = json[start] === 0x2d
  let value = 0
  let at = isNegative ? start + 1 : start
  if (end - at <= safeDigits) {
    for (; at < end; at++) {
      const digit = (json[at] ?? 0) - 0x30
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    if (at === end) return isNegative ? 0 - value : value
  }
  const token = json.toString('latin1', start, end)
  const double = Number(token) + 0
  if (Number.isSafeInteger(double) || !/^-?\d+$/.test(token)) return double
  return BigInt(token)
}

/** Below 0, 0 or above it, as `left` is less, the same or greater. */
export const compareNumbers = (left: ExactNumber, right: ExactNumber): number =>
  left < right ? -1 : left > right ? 1 : 0

/** Compares the text between quotes, from `at` to `end`, with UTF-8. Only single bytes have escapes in it. */
export function compareText(json: Buffer, at: number, end: number, operand: Buffer): number {
  const { length } = operand
  let index = 0
  while (at < end && index < length) {
    let byte = json[at] ?? 0
    if (byte === 0x5c) {
      byte = escapedByte(json, at)
      at += json[at + 1] === 0x75 ? 6 : 2
    } else at++
    const difference = byte - (operand[index++] ?? 0)
    if (difference !== 0) return difference
  }
  return at < end ? 1 : index < length ? -1 : 0
}

/** The byte that the escape at `at` stands for. */
export function escapedByte(json: Buffer, at: number): number {
  const letter = json[at + 1] ?? 0
  switch (letter) {
    case 0x62:
      return 0x08
    case 0x74:
      return 0x09
    case 0x6e:
      return 0x0a
    case 0x66:
      return 0x0c
    case 0x72:
      return 0x0d
    case 0x75:
      return hexDigit(json[at + 4] ?? 0) * 16 + hexDigit(json[at + 5] ?? 0)
    default:
      return letter
  }
}

const hexDigit = (byte: number) => (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57)

/** A text as canonical JSON writes it between quotes: equal texts are equal bytes, and only those. */
export const escapedText = (text: string): Buffer => Buffer.from(JSON.stringify(text).slice(1, -1))

/** Whether these bytes stand at `at`, before `end`. */
export function isAt(json: Buffer, at: number, end: number, wanted: Buffer): boolean {
  const { length } = wanted
  if (end - at < length) return false
  if (length > nativeFrom) return json.compare(wanted, 0, length, at, at + length) === 0
  for (let index = 0; index < length; index++) {
    if (json[at + index] !== wanted[index]) return false
  }
  return true
}

// Bytes from which a native call is quicker than a loop.
const nativeFrom = 40

/**
 * Looks for a text in others, both as canonical JSON writes them, in one pass (Knuth, Morris and Pratt) that may be
 * interrupted: Node's own search took a minute for `aaabaaa`, 2,000 long, in 16 MB of `a`.
 */
export class TextSearch {
  readonly #wanted: Buffer
  // Of each beginning: bytes of its longest end that it begins with as well.
  readonly #borders: Uint32Array

  constructor(wanted: Buffer) {
    this.#wanted = wanted
    this.#borders = new Uint32Array(wanted.length)
    for (let at = 1, count = 0; at < wanted.length; at++) {
      while (count > 0 && wanted[at] !== wanted[count]) count = this.#borders[count - 1] ?? 0
      if (wanted[at] === wanted[count]) count++
      this.#borders[at] = count
    }
  }

  /**
   * Reads on from `at` to `end` in the text that begins at `start`; `matched` is what the part before has
   * returned, 0 at first. Returns -1 if it is found.
   */
  read(json: Buffer, start: number, at: number, end: number, matched: number): number {
    const wanted = this.#wanted
    const borders = this.#borders
    const { length } = wanted
    if (length === 0) return -1
    const first = wanted[0]
    let count = matched
    for (let next = at; next < end; next++) {
      // Most bytes begin nothing: they have a loop of their own, which takes half the time.
      if (count === 0) while (next < end && json[next] !== first) next++
      if (next === end) break
      const byte = json[next]
      while (count > 0 && wanted[count] !== byte) count = borders[count - 1] ?? 0
      if (wanted[count] === byte) count++
      if (count < length) continue
      if (!isInEscape(json, start, next + 1 - length)) return -1
      count = borders[length - 1] ?? 0
    }
    return count
  }
}

// Whether the byte is in an escape of the text, and not its first: the n of \n is not an n.
function isInEscape(json: Buffer, start: number, at: number): boolean {
  if (isEscape(json, start, at - 1)) return true
  for (let before = at - 2; before >= at - 5; before--) {
    if (json[before + 1] === 0x75 && isEscape(json, start, before)) return true
  }
  return false
}

// Whether an escape begins here: after an even number of backslashes.
function isEscape(json: Buffer, start: number, at: number): boolean {
  if (at < start || json[at] !== 0x5c) return false
  let before = at
  while (before > start && json[before - 1] === 0x5c) before--
  return (at - before) % 2 === 0
}
