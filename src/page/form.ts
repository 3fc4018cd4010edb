// Reads a form of the page.
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'

export const formType = 'application/x-www-form-urlencoded'

// A document of the largest size that the page lets people edit, with most of it percent-encoded.
const maxFormBytes = 8 << 20
// Each byte of the form is three in memory for a moment: as it came, as text, as decoded text.
const copies = 3

/**
 * Reads the fields and hands them to `use`.
 * @throws the problems of a body
 */
export async function withForm(
  exchange: Exchange,
  limits: BodyLimits,
  use: (fields: URLSearchParams) => Promise<void>,
): Promise<void> {
  bodyType(exchange, [formType])
  const maxBytes = Math.min(limits.maxBytes, maxFormBytes)
  await withBody(exchange, { ...limits, maxBytes }, async (body, reserve) => {
    reserve(body.length * copies)
    await use(new URLSearchParams(Buffer.from(body).toString()))
  })
}

/** The field's text with the line ends that the text area showed: a form sends CRLF. */
export const textOf = (fields: URLSearchParams, name: string): string =>
  (fields.get(name) ?? '').replaceAll('\r\n', '\n')
