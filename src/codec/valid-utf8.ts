// Whether a text is UTF-8, and what to say of one that is not.
import { isUtf8 } from 'node:buffer'
import { nextPiece } from '../fair-turns.ts'
import { findTextPosition } from './json-source.ts'
import { Refusal } from './refusal.ts'

// A mebibyte takes up to 0.5 ms if it is not ASCII.
const piece = 1 << 20

/** Whether the text is short, and UTF-8: most are, and need no pieces. */
export const isShortUtf8 = (bytes: Buffer): boolean => bytes.length <= piece && isUtf8(bytes)

/** @throws Refusal `invalid_utf8`, with the line and column of the first byte that is not UTF-8 */
export async function checkUtf8(bytes: Buffer, firstLine: number): Promise<void> {
  for (let from = 0; from < bytes.length; ) {
    if (from > 0) await nextPiece()
    const to = characterEnd(bytes, from + piece)
    if (!isUtf8(bytes.subarray(from, to))) throw await invalidUtf8(bytes, from, to, firstLine)
    from = to
  }
}

// Not within a character: it has up to three bytes after its first.
function characterEnd(bytes: Buffer, wanted: number): number {
  if (wanted >= bytes.length) return bytes.length
  let end = wanted
  while (end > wanted - 3 && isContinuation(bytes[end])) end--
  return end
}

const isContinuation = (byte = 0) => (byte & 0xc0) === 0x80

async function invalidUtf8(
  bytes: Buffer,
  from: number,
  to: number,
  firstLine: number,
): Promise<Refusal> {
  const at = firstInvalid(bytes, from, to)
  const place = await findTextPosition(bytes, at, firstLine)
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0')
  const why = `JSON is UTF-8 (RFC 8259, section 8.1); byte 0x${byte} is not, at line ${place.line}, column ${place.column}.`
  return new Refusal('invalid_utf8', why + hintFor(bytes, at), place)
}

// The longest valid beginning, by bisection: what is cut within a character counts as valid.
function firstInvalid(bytes: Buffer, from: number, to: number): number {
  let valid = from
  let invalid = to
  while (invalid - valid > 8) {
    const middle = characterEnd(bytes, (valid + invalid) >> 1)
    if (middle > valid && isUtf8(bytes.subarray(valid, middle))) valid = middle
    else invalid = Math.max(middle, valid)
  }
  let at = valid
  // The end may be within the last valid character, if bytes of no character follow.
  for (let end = valid + 1; end <= invalid + 3; end++) {
    if (isUtf8(bytes.subarray(valid, end))) at = end
  }
  return at
}

const way = 'Send UTF-8; in PowerShell, -ContentType "application/json; charset=utf-8".'

export const utf16Hint = `The bytes look like UTF-16. ${way}`

function hintFor(bytes: Buffer, at: number): string {
  if (['fffe', 'feff'].includes(bytes.toString('hex', 0, 2))) return ` ${utf16Hint}`
  const isLatin1 =
    at + 1 < bytes.length && !isContinuation(bytes[at + 1]) && (bytes[at] ?? 0) >= 0x80
  return isLatin1 ? ` The bytes look like Latin-1 or Windows-1252. ${way}` : ''
}
