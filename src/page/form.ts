// Reads the forms of the page: application/x-www-form-urlencoded (URL standard, section 5.1) in one pass.
// URLSearchParams of Node 24 and 26 is quadratic for names without a `=`: 256 KiB of `ab&` take 146 ms.
import { isUtf8 } from 'node:buffer'
import { nextPiece } from '../fair-turns.ts'
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { quoted } from '../shown-text.ts'

export const formType = 'application/x-www-form-urlencoded'

// Nobody edits more in a text area, and the answer contains it again, with every quote as `&quot;`.
const maxFormBytes = 256 * 1024

/** How many bytes a form may have. A document whose text needs more is not offered to edit. */
export const formLimit = ({ maxBytes }: BodyLimits): number => Math.min(maxBytes, maxFormBytes)

// What a byte of a form can become, besides itself: decoded text of two bytes per character, the same without its
// CRs, BSON, and an answer with six characters for each quote.
const memoryPerByte = 16

// A form of at most this size is read within its turn.
const shortBytes = 16 * 1024

/**
 * Reads the fields, which may be those of `names`, and hands them to `use`.
 * @throws Problem `invalid_form`, `invalid_utf8`, and those of a body
 */
export async function withForm(
  exchange: Exchange,
  limits: BodyLimits,
  names: readonly string[],
  use: (fields: ReadonlyMap<string, string>) => Promise<void>,
): Promise<void> {
  bodyType(exchange, [formType])
  await withBody(exchange, { ...limits, maxBytes: formLimit(limits) }, async (body, reserve) => {
    reserve(body.length * memoryPerByte)
    // 250 kB take 3 to 11 ms: twenty of them in one turn kept everyone else waiting.
    if (body.length > shortBytes) await nextPiece()
    await use(parseFormFields(body, names))
  })
}

/**
 * The text of the document, with the line ends that the text area showed: a form sends CRLF. A pasted byte order mark
 * is not JSON.
 * @throws Problem `invalid_form`
 */
export const documentText = (fields: ReadonlyMap<string, string>): string =>
  expectField(fields, 'document')
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')

/**
 * The fields of a form: each of `names` at most once, and no other.
 * @throws Problem `invalid_form`; `invalid_utf8`, for which the standard would put in a replacement character
 */
export function parseFormFields(bytes: Buffer, names: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>()
  for (let at = 0, end = 0; at < bytes.length; at = end + 1) {
    end = indexOf(bytes, 0x26, at, bytes.length)
    const equals = indexOf(bytes, 0x3d, at, end)
    const name = decode(bytes, at, equals)
    if (!names.includes(name)) throw invalidForm(`It has a field ${quoted(name)}.`)
    if (fields.has(name)) throw invalidForm(`It has the field ${name} twice.`)
    fields.set(name, decode(bytes, equals + 1, end))
  }
  return fields
}

/** @throws Problem `invalid_form` if the form does not have the field */
export function expectField(fields: ReadonlyMap<string, string>, name: string): string {
  const value = fields.get(name)
  if (value === undefined) throw invalidForm(`It has no field ${name}.`)
  return value
}

/** The problem of a form that the page does not send. */
export const invalidForm = (why: string): Problem =>
  new Problem('invalid_form', `${why} Nothing was done.`)

function indexOf(bytes: Buffer, byte: number, from: number, end: number): number {
  const at = bytes.indexOf(byte, from)
  return at < 0 || at > end ? end : at
}

// A % without two hex digits after it stays as it is, as the standard says.
function decode(bytes: Buffer, from: number, end: number): string {
  const decoded = Buffer.allocUnsafe(Math.max(end - from, 0))
  let length = 0
  for (let at = from; at < end; at++) {
    let byte = bytes[at] ?? 0
    if (byte === 0x2b) byte = 0x20
    else if (byte === 0x25 && at + 2 < end) {
      const high = hexDigit(bytes[at + 1] ?? 0)
      const low = hexDigit(bytes[at + 2] ?? 0)
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low
        at += 2
      }
    }
    decoded[length++] = byte
  }
  const text = decoded.subarray(0, length)
  if (!isUtf8(text)) throw new Problem('invalid_utf8', 'The page sends its forms as UTF-8.')
  return text.toString()
}

/** The value of the hex digit, -1 for any other byte. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
}

/** The bytes of the text as the value of a field, its line feeds sent as CR LF. */
export function encodedLength(text: string): number {
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x0a) length += '%0D%0A'.length
    else if (plain[unit] === 1) length++
    else if (unit < 0x80) length += '%xx'.length
    // A surrogate is half of a character of four bytes.
    else length += 3 * (unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3)
  }
  return length
}

// Letters, digits, * - . _ and the space, which becomes a plus.
const plain = Uint8Array.from({ length: 0x80 }, (_, unit) =>
  Number(/[\w*.\- ]/.test(String.fromCharCode(unit))),
)
