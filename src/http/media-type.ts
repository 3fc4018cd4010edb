// Which media type to answer with (RFC 9110, section 12.5.1), and which one a body has.

/**
 * The first of `offered` that the Accept header prefers, or undefined if it accepts none.
 * An absent header accepts anything.
 */
export function negotiateType(
  accept: string | undefined,
  offered: readonly string[],
): string | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0]
  const ranges = accept.split(',').map(parseRange)
  let best: string | undefined
  let bestQuality = 0
  for (const type of offered) {
    const quality = qualityOf(type, ranges)
    if (quality > bestQuality) {
      best = type
      bestQuality = quality
    }
  }
  return best
}

interface MediaRange {
  readonly range: string
  readonly quality: number
}

/** One item of an Accept header, or of Accept-Encoding: a name in lower case and its quality. */
export function parseRange(text: string): MediaRange {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = q === undefined ? 1 : Number(q.slice(2))
  return { range, quality: quality >= 0 && quality <= 1 ? quality : 0 }
}

// The most specific range that matches decides: text/html before text/* before */*.
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const [essence = ''] = type.split(';')
  const group = `${essence.slice(0, essence.indexOf('/'))}/*`
  for (const wanted of [essence, group, '*/*']) {
    const found = ranges.find(({ range }) => range === wanted)
    if (found) return found.quality
  }
  return 0
}

/** The media type of a body in lower case without its parameters, and its charset if it names one. */
export function parseContentType(header: string | undefined): { type: string; charset?: string } {
  const [type = '', ...parameters] = (header ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase())
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  return charset === undefined
    ? { type }
    : { type, charset: charset.slice('charset='.length).replaceAll('"', '') }
}
