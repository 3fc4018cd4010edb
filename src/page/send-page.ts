// Makes and sends HTML and the page's files: a few at a time, compressed, under a strict policy.
import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { orStoreProblem } from '../documents/store-problem.ts'
import { nextPiece, turnWithTime } from '../fair-turns.ts'
import { type Exchange, send, sendEmpty } from '../http/exchange.ts'
import { parseRange } from '../http/media-type.ts'
import { ClientGone } from '../http/receive-body.ts'
import { type AnswerHeaders, dataSecurity, pageSecurity } from '../http/security-headers.ts'
import { createLimiter } from '../store/limiter.ts'
import type { Html } from './html.ts'

const compress = promisify(gzip)
// One text at a time: on one core four threads of zlib beside the event loop left a POST waiting for 0.4 s.
let lastDone: Promise<unknown> = Promise.resolve()
const ignore = () => {}
const compressInTurn = (bytes: Buffer): Promise<Buffer> => {
  const next = lastDone.then(() => compress(bytes))
  // Without what it makes: the last page is not kept.
  lastDone = next.then(ignore, ignore)
  return next
}

// Below this a compressed answer does not need fewer packets.
const worthCompressing = 1000

const longText = 128 * 1024

export const htmlType = 'text/html; charset=utf-8'

// A page holds up to 20 MiB of documents while it is read, then a few MiB of text, and zlib's 270 kB.
const pages = createLimiter(4, 5000)

/**
 * Reads, lays out and compresses a page when it is its turn.
 * @throws Problem `overloaded` if that does not come in 5 s; ClientGone
 */
export const makePage = (exchange: Exchange, make: () => Promise<void>): Promise<void> =>
  orStoreProblem(
    pages.run(async () => {
      // The embedded store has nothing to wait for: all that ask would have theirs in one turn of the event loop.
      await turnWithTime()
      if (exchange.response.destroyed) throw new ClientGone()
      await make()
    }),
  )

/** Sends a page, which is not rendered for HEAD. */
export const sendPage = (
  exchange: Exchange,
  status: number,
  page: () => Html | Promise<Html>,
  headers: AnswerHeaders = {},
): Promise<void> =>
  sendCompressed(
    exchange,
    status,
    async () => (await page()).markup,
    htmlType,
    { Vary: 'Accept, Accept-Encoding', 'Cache-Control': 'no-store', ...headers },
    pageSecurity,
  )

/** Sends what has an entity tag, or 304 if the client has it already. */
export async function sendTagged(
  exchange: Exchange,
  etag: string,
  body: () => string | Promise<string>,
  headers: AnswerHeaders = {},
): Promise<void> {
  const all = { ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding', ...headers }
  const known = exchange.request.headers['if-none-match'] ?? ''
  if (known.split(',').some((tag) => tag.trim() === etag)) return sendEmpty(exchange, 304, all)
  await sendCompressed(exchange, 200, body, exchange.mediaType, all, dataSecurity)
}

/** A weak tag, since the same text goes out both compressed and as it is. */
export const weakTag = (text: string): string =>
  `W/"${hash('sha256', text, 'base64url').slice(0, 22)}"`

async function sendCompressed(
  exchange: Exchange,
  status: number,
  makeText: () => string | Promise<string>,
  type: string,
  headers: AnswerHeaders,
  security: AnswerHeaders,
): Promise<void> {
  const { request } = exchange
  if (request.method === 'HEAD') {
    return sendEmpty(exchange, status, { 'Content-Type': type, ...headers }, security)
  }
  const text = await makeText()
  // To encode a page of 1.5 MB takes 3 ms.
  if (text.length > longText) await nextPiece()
  // Bytes: a text that waits for its client takes two bytes per character and is counted with one.
  const bytes = Buffer.from(text)
  if (bytes.length < worthCompressing || !takesGzip(request.headers['accept-encoding'])) {
    return send(exchange, status, bytes, headers, type, security)
  }
  const body = await compressInTurn(bytes)
  send(exchange, status, body, { 'Content-Encoding': 'gzip', ...headers }, type, security)
}

/**
 * Whether an Accept-Encoding header prefers gzip (RFC 9110, section 12.5.3). What it says of `*` holds for what it
 * does not name, and for identity only if that is refused.
 */
export function takesGzip(header: string | readonly string[] | undefined): boolean {
  const codings = String(header ?? '')
    .split(',')
    .map(parseRange)
  const named = (...names: readonly string[]) =>
    codings.find(({ range }) => names.includes(range))?.quality
  const gzip = named('gzip', 'x-gzip') ?? named('*') ?? 0
  return gzip > 0 && gzip >= (named('identity') ?? 0)
}
