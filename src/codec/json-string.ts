// One JSON string, from its source bytes to UTF-8 in the BSON writer, a piece at a time.
import type { BsonWriter } from './bson-writer.ts'

/** How a piece ended: the string is whole, it goes on, or what is wrong with it. */
type StringStep = 'done' | 'more' | 'syntax' | 'lone surrogate' | 'full'

const quote = 0x22
const backslash = 0x5c
// The letter of each short escape, and what it stands for.
const escapes = new Map<number, number>(
  ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'].map((pair) => [
    pair.charCodeAt(0),
    pair.charCodeAt(1),
  ]),
)

/** Copies strings without their escapes. The source must be valid UTF-8. */
export class StringTranscoder {
  /** Where to read on: after the opening quote at first, after the closing one in the end. */
  at = 0
  /** Whether the string has a NUL, which only an escape can write. */
  hasNul = false

  begin(at: number): void {
    this.at = at
    this.hasNul = false
  }

  /**
   * Reads on to `stop` at most. With a fault, `at` is its place.
   * @param lenient takes half of a surrogate pair for any other character
   */
  read(source: Buffer, stop: number, out: BsonWriter, lenient: boolean): StringStep {
    let { at } = this
    while (at < stop) {
      const from = at
      let byte = source[at] ?? 0
      while (byte !== quote && byte !== backslash && byte >= 0x20 && ++at < stop) {
        byte = source[at] ?? 0
      }
      this.at = from
      // And room for one character of an escape.
      if (!out.ensure(at - from + 4)) return 'full'
      copyRange(source, from, at, out)
      this.at = at
      if (at >= stop) break
      if (byte === quote) {
        this.at = at + 1
        return 'done'
      }
      if (byte !== backslash) return 'syntax'
      at = this.#escape(source, at, out, lenient)
      if (at < 0) return at === syntax ? 'syntax' : 'lone surrogate'
      this.at = at
    }
    return stop < source.length ? 'more' : 'syntax'
  }

  // The offset after the escape, or the fault.
  #escape(source: Buffer, at: number, out: BsonWriter, lenient: boolean): number {
    const meaning = escapes.get(source[at + 1] ?? 0)
    if (meaning !== undefined) {
      out.byte(meaning)
      return at + 2
    }
    const unit = hexUnit(source, at)
    if (unit < 0) return syntax
    if (unit === 0) this.hasNul = true
    if (unit < 0xd800 || unit >= 0xe000) {
      putCharacter(unit, out)
      return at + 6
    }
    const low = unit < 0xdc00 ? hexUnit(source, at + 6) : -1
    if (low < 0xdc00 || low >= 0xe000) return lenient ? at + 6 : loneSurrogate
    putCharacter(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out)
    return at + 12
  }
}

const syntax = -1
const loneSurrogate = -2

// A native copy costs as much as a loop over about 40 bytes (measured on Node 26).
const nativeFrom = 40

function copyRange(source: Buffer, from: number, to: number, out: BsonWriter): void {
  if (to - from >= nativeFrom) {
    source.copy(out.bytes, out.at, from, to)
    out.at += to - from
    return
  }
  const target = out.bytes
  let { at } = out
  for (let index = from; index < to; index++) target[at++] = source[index] ?? 0
  out.at = at
}

// The code unit of `\uXXXX` at the offset, or -1 if there is none.
function hexUnit(source: Buffer, at: number): number {
  if (source[at] !== backslash || source[at + 1] !== 0x75) return -1
  let unit = 0
  for (let index = at + 2; index < at + 6; index++) {
    const digit = hexDigit(source[index] ?? 0)
    if (digit < 0) return -1
    unit = unit * 16 + digit
  }
  return unit
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function putCharacter(codePoint: number, out: BsonWriter): void {
  if (codePoint < 0x80) {
    out.byte(codePoint)
    return
  }
  if (codePoint < 0x800) {
    out.byte(0xc0 | (codePoint >> 6))
  } else {
    if (codePoint < 0x10000) {
      out.byte(0xe0 | (codePoint >> 12))
    } else {
      out.byte(0xf0 | (codePoint >> 18))
      out.byte(0x80 | ((codePoint >> 12) & 0x3f))
    }
    out.byte(0x80 | ((codePoint >> 6) & 0x3f))
  }
  out.byte(0x80 | (codePoint & 0x3f))
}
