// Reads a form of the page.
import { nextPiece } from '../fair-turns.ts'
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'
import { expectField, parseFormFields } from './form-fields.ts'

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
