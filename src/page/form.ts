// Reads a form of the page, and refuses one that another site's page has sent.
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { fieldOf, readFields } from './form-fields.ts'

export const formType = 'application/x-www-form-urlencoded'

// Nobody edits more in a text area, and the answer has it once more, with every quote as `&quot;`.
const maxFormBytes = 256 * 1024

/** How many bytes a form may have. A document whose text needs more is not offered to edit. */
export const formLimit = ({ maxBytes }: BodyLimits): number => Math.min(maxBytes, maxFormBytes)

// What a byte of a form can become, beside itself: decoded text of two bytes a character, once more
// without its CRs, its BSON, and an answer of six characters for each quote.
const memoryPerByte = 16

/**
 * Reads the fields, of which there may be these `names`, and hands them to `use`.
 * @throws Problem `cross_site`, `invalid_form`, `invalid_utf8`, and those of a body
 */
export async function withForm(
  exchange: Exchange,
  limits: BodyLimits,
  names: readonly string[],
  use: (fields: ReadonlyMap<string, string>) => Promise<void>,
): Promise<void> {
  refuseOtherSites(exchange)
  bodyType(exchange, [formType])
  await withBody(exchange, { ...limits, maxBytes: formLimit(limits) }, async (body, reserve) => {
    reserve(body.length * memoryPerByte)
    await use(readFields(body, names))
  })
}

/**
 * The text of the document, with the line ends that the text area showed: a form sends CRLF. A byte order
 * mark is no JSON, but may have been pasted.
 * @throws Problem `invalid_form`
 */
export const textOf = (fields: ReadonlyMap<string, string>): string =>
  fieldOf(fields, 'document')
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')

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
