// Where in a JSON text something is wrong: line and column, and the JSON Pointer of a value.
import { nextPiece } from '../fair-turns.ts'
import { parseJson } from './extended-id.ts'

// A mebibyte takes 1 to 2 ms.
const piece = 1 << 20

/**
 * Line and column, in characters from 1, of the byte at `offset`, after valid UTF-8. The text begins with line
 * `firstLine`; a byte order mark is not a character of it.
 */
export async function findTextPosition(
  bytes: Buffer,
  offset: number,
  firstLine: number,
): Promise<{ line: number; column: number }> {
  let line = firstLine
  let column = 1
  for (let from = byteOrderMarkLength(bytes); from < offset; from += piece) {
    if (from >= piece) await nextPiece()
    const to = Math.min(from + piece, offset)
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0
      if (byte === 0x0a) {
        line++
        column = 1
      } else if ((byte & 0xc0) !== 0x80) column++
    }
  }
  return { line, column }
}

/** A byte order mark is not JSON, but some editors and PowerShell write one. */
export const byteOrderMarkLength = (bytes: Uint8Array): number =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0

const shownOfKey = 100
const shownOfPointer = 1000

/**
 * A JSON Pointer (RFC 6901) from keys and indexes, outermost first. It ends with `...` after 100 characters of a key
 * or 1000 in all, so that an answer never costs more than what caused it.
 */
export function abbreviatePointer(steps: readonly (string | number)[]): string {
  let pointer = ''
  for (const step of steps) {
    const text = String(step)
    const isLong = text.length > shownOfKey
    const shown = isLong ? text.slice(0, shownOfKey) : text
    pointer += `/${shown.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (isLong || pointer.length > shownOfPointer) {
      return `${pointer.slice(0, shownOfPointer).toWellFormed()}...`
    }
  }
  return pointer
}

/** The JSON string that begins at `offset`, well-formed or not; a long one is cut a little after what is shown. */
export function keyTextAt(bytes: Buffer, offset: number): string {
  let at = offset + 1
  for (let left = shownOfKey; left >= 0 && at < bytes.length && bytes[at] !== 0x22; left--) {
    if (bytes[at] === 0x5c) at += bytes[at + 1] === 0x75 ? 6 : 2
    else
      do at++
      while (((bytes[at] ?? 0) & 0xc0) === 0x80)
  }
  const source = bytes.subarray(offset + 1, at).toString()
  const text = parseJson(`"${source}"`)
  return typeof text === 'string' ? text : source
}
