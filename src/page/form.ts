// Reads a form of the page, and refuses one that another site's page has sent.
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'

export const formType = 'application/x-www-form-urlencoded'

// A document of the largest size that the page lets people edit, with most of it percent-encoded.
const maxFormBytes = 8 << 20
// Each byte of the form is three in memory for a moment: as it came, as text, as decoded text.
const copies = 3

/**
 * Reads the fields and hands them to `use`.
 * @throws Problem `cross_site`, and those of a body
 */
export async function withForm(
  exchange: Exchange,
  limits: BodyLimits,
  use: (fields: URLSearchParams) => Promise<void>,
): Promise<void> {
  refuseOtherSites(exchange)
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

/**
 * Any site that a visitor opens can make their browser post a form to us, from inside the network.
 * Sec-Fetch-Site says who sent it, but only over https and on localhost; Origin is always there.
 * A client that sends neither is no browser of today, and may use /data anyway.
 */
function refuseOtherSites({ request }: Exchange): void {
  const site = request.headers['sec-fetch-site']
  const { origin, host } = request.headers
  const own =
    site === undefined
      ? origin === undefined || hostOf(origin) === host
      : site === 'same-origin' || site === 'none'
  if (!own) {
    throw new Problem('cross_site', 'Send this form from the page that this service itself shows.')
  }
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
