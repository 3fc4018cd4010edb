// The bytes that attackers send: requests whole, in chunks, or only begun.

export const MiB = 2 ** 20
export const json = 'application/json'
export const ndjson = 'application/x-ndjson'
export const form = 'application/x-www-form-urlencoded'

/** Bytes of the text again and again. */
export const filled = (text: string, bytes: number): Buffer => Buffer.alloc(bytes, text)

/** The text, N times. */
export const times = (text: string, count: number): Buffer =>
  Buffer.alloc(Buffer.byteLength(text) * count, text)

/** Parts one after the other. */
export const joined = (...parts: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))

/** Header lines, each with its line end. */
export const headers = (...lines: readonly string[]): string =>
  lines.map((line) => `${line}\r\n`).join('')

/** A request's head. Those without a body end here. */
export const head = (method: string, target: string, more = ''): string =>
  `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`

/** A request with a body of this media type. */
export function withBody(
  method: string,
  target: string,
  type: string,
  body: string | Uint8Array,
  more = '',
): Buffer {
  const length = Buffer.byteLength(body)
  const lines = headers(`Content-Type: ${type}`, `Content-Length: ${length}`)
  return joined(head(method, target, lines + more), body)
}

/** POST /data. */
export const post = (body: string | Uint8Array, type = json, more = ''): Buffer =>
  withBody('POST', '/data', type, body, more)

/** A body that is declared, and of it only the beginning. */
export const begun = (declared: number, body: string | Uint8Array, type = json): Buffer =>
  joined(
    head('POST', '/data', headers(`Content-Type: ${type}`, `Content-Length: ${declared}`)),
    body,
  )

/** A POST in chunks of one byte: the opening, then `fill` N times, then the end. */
export function oneByteChunks(
  type: string,
  [open, fill, close]: readonly [string, string, string],
  count: number,
  [method, target, size] = ['POST', '/data', '1'],
): Buffer {
  const chunk = (byte: string) => `${size}\r\n${byte}\r\n`
  return joined(
    head(method, target, headers(`Content-Type: ${type}`, 'Transfer-Encoding: chunked')),
    [...open].map(chunk).join(''),
    times(chunk(fill), count),
    [...close].map(chunk).join(''),
    '0\r\n\r\n',
  )
}
