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

// A name in lower case, and the value of its parameter that begins so.
function parseItem(text: string, beginning: string): [name: string, value: string | undefined] {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const found = parameters.find((parameter) => parameter.startsWith(beginning))
  return [name, found?.slice(beginning.length)]
}

/** One item of an Accept header, or of Accept-Encoding: a name in lower case and its quality. */
export function parseRange(text: string): { range: string; quality: number } {
  const [range, q = 1] = parseItem(text, 'q=')
  const quality = Number(q)
  return { range, quality: quality >= 0 && quality <= 1 ? quality : 0 }
}

// The most specific range that matches decides: text/html before text/* before */*.
function qualityOf(type: string, ranges: readonly ReturnType<typeof parseRange>[]): number {
  const [essence = ''] = type.split(';')
  const group = `${essence.slice(0, essence.indexOf('/'))}/*`
  for (const wanted of [essence, group, '*/*']) {
    const found = ranges.find(({ range }) => range === wanted)
    if (found) return found.quality
  }
  return 0
}

/** The media type of a body in lower case without its parameters, and its charset if it names one. */
export function parseContentType(header = ''): { type: string; charset?: string } {
  const [type, charset] = parseItem(header, 'charset=')
  return charset === undefined ? { type } : { type, charset: charset.replaceAll('"', '') }
}
