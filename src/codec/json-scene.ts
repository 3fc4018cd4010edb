// Where in the grammar of JSON a text goes wrong: what may come there, what came before, which brackets are open.
import { nextPiece } from '../fair-turns.ts'
import { byteOrderMarkLength } from './json-source.ts'

/** What JSON has next, in words. `next` alone: below more levels than are remembered. */
export const expectations = {
  document: '{ or [',
  'first key': 'a key in double quotes or }',
  key: 'a key in double quotes',
  colon: 'a colon',
  value: 'a value',
  'first item': 'a value or ]',
  item: 'a value',
  'next member': 'a comma or }',
  'next item': 'a comma or ]',
  next: 'a comma or a closing bracket',
  end: 'the end of the text',
} as const
export type Expected = keyof typeof expectations

export interface Scene {
  readonly expected: Expected
  /** Where the wrong word begins: with its text or its number, if it is one of those that went wrong. */
  readonly at: number
  /** Whether a text goes wrong: at an escape or control character, or because it does not end. */
  readonly isInText: boolean
  readonly depth: number
  /** The brackets that are open, outermost first; of more than 100 only those. */
  readonly open: string
}

// A piece takes 0.2 to 1.5 ms.
const piece = 64 * 1024
const knownLevels = 100

/**
 * Reads the text again up to `stop`, where a strict parser stopped: everything before is well-formed, or
 * the beginning of a text, number or literal that is not. It takes constant memory, and gives way.
 */
export async function sceneAt(bytes: Buffer, stop: number): Promise<Scene> {
  const reader = new SceneReader(bytes)
  for (let to = Math.min(piece, stop); ; to = Math.min(to + piece, stop)) {
    reader.readTo(to)
    if (to === stop) return reader.sceneAt(stop)
    await nextPiece()
  }
}

class SceneReader {
  readonly #bytes: Buffer
  #at: number
  // The token that was begun last, and whether it may go on.
  #token = -1
  #within: 'text' | 'word' | undefined
  #expected: Expected = 'document'
  #wasExpected: Expected = 'document'
  #depth = 0
  readonly #isObject = new Uint8Array(knownLevels)

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#at = byteOrderMarkLength(bytes)
  }

  readTo(end: number): void {
    const bytes = this.#bytes
    while (this.#at < end) {
      const byte = bytes[this.#at] ?? 0
      if (this.#within === 'text') this.#readText(end)
      else if (this.#within === 'word' && !isDelimiter(byte)) this.#at++
      else if (isSpace(byte)) {
        this.#within = undefined
        this.#at++
      } else this.#begin(byte)
    }
  }

  #readText(end: number): void {
    const bytes = this.#bytes
    let at = this.#at
    let byte = 0
    while (at < end && byte !== 0x22) {
      byte = bytes[at] ?? 0
      at += byte === 0x5c ? 2 : 1
    }
    this.#at = at
    if (byte === 0x22) this.#within = undefined
  }

  #begin(byte: number): void {
    this.#token = this.#at++
    this.#within = undefined
    const expected = this.#expected
    this.#wasExpected = expected
    switch (byte) {
      case 0x7b:
      case 0x5b:
        if (this.#depth < knownLevels) this.#isObject[this.#depth] = byte === 0x7b ? 1 : 0
        this.#depth++
        this.#expected = byte === 0x7b ? 'first key' : 'first item'
        return
      case 0x7d:
      case 0x5d:
        this.#depth--
        this.#expected = this.#afterValue()
        return
      case 0x3a:
        this.#expected = 'value'
        return
      case 0x2c:
        this.#expected = expected === 'next member' ? 'key' : 'item'
        return
      case 0x22:
        this.#within = 'text'
        this.#expected =
          expected === 'key' || expected === 'first key' ? 'colon' : this.#afterValue()
        return
      default:
        this.#within = 'word'
        this.#expected = this.#afterValue()
    }
  }

  #afterValue(): Expected {
    if (this.#depth === 0) return 'end'
    if (this.#depth > knownLevels) return 'next'
    return this.#isObject[this.#depth - 1] === 1 ? 'next member' : 'next item'
  }

  sceneAt(stop: number): Scene {
    const byte = this.#bytes[stop]
    const isInText = this.#within === 'text'
    // A text without an end is wrong from its beginning; in one with a wrong escape only that is.
    const isUnclosed = isInText && (byte === undefined || byte === 0x0a || byte === 0x0d)
    const isWrong = isUnclosed || (this.#within === 'word' && this.#isWrongWord(stop))
    const levels = this.#isObject.subarray(0, this.#depth)
    return {
      expected: isInText || isWrong ? this.#wasExpected : this.#expected,
      at: isWrong ? this.#token : stop,
      isInText,
      depth: this.#depth,
      open: Array.from(levels, (isObject) => (isObject === 1 ? '{' : '[')).join(''),
    }
  }

  // A whole number or literal is not, if what follows cannot belong to it.
  #isWrongWord(stop: number): boolean {
    const bytes = this.#bytes
    const end = bytes.toString('latin1', Math.max(stop - 5, this.#token), stop)
    if (!/\d$|^true$|^false$|^null$/.test(end)) return true
    return /^[\p{L}\p{N}\p{Sc}_.+'%°-]/u.test(bytes.toString('utf8', stop, stop + 4))
  }
}

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

// White space, { } [ ] " : and the comma
const isDelimiter = (byte: number) =>
  isSpace(byte) ||
  byte === 0x7b ||
  byte === 0x7d ||
  byte === 0x5b ||
  byte === 0x5d ||
  byte === 0x22 ||
  byte === 0x3a ||
  byte === 0x2c
