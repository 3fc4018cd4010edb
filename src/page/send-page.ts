// Sends HTML and the page's files: compressed where the client takes that, under a strict policy.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Exchange, send, sendEmpty } from '../http/exchange.ts'
import { dataSecurity, pageSecurity } from '../http/security-headers.ts'
import type { Html } from './html.ts'

const compress = promisify(gzip)
// Below this a compressed answer fits no fewer packets.
const worthCompressing = 1000

export const htmlType = 'text/html; charset=utf-8'

/** Sends a page. `headers` are names and values in turn. */
export const sendPage = (
  exchange: Exchange,
  status: number,
  page: Html,
  headers: readonly string[] = [],
): Promise<void> =>
  sendCompressed(
    exchange,
    status,
    page.markup,
    htmlType,
    ['Vary', 'Accept, Accept-Encoding', 'Cache-Control', 'no-store', ...headers],
    pageSecurity,
  )

/** Sends what has an entity tag, or 304 where the client has it already. */
export async function sendTagged(
  exchange: Exchange,
  etag: string,
  body: () => string,
  headers: readonly string[] = [],
): Promise<void> {
  const all = ['ETag', etag, 'Cache-Control', 'no-cache', 'Vary', 'Accept-Encoding', ...headers]
  const known = exchange.request.headers['if-none-match'] ?? ''
  if (known.split(',').some((tag) => tag.trim() === etag)) return sendEmpty(exchange, 304, all)
  await sendCompressed(exchange, 200, body(), exchange.mediaType, all, dataSecurity)
}

/** A weak tag, since the same text goes out compressed and as it is. */
export const weakTag = (text: string): string =>
  `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`

async function sendCompressed(
  exchange: Exchange,
  status: number,
  text: string,
  type: string,
  headers: readonly string[],
  security: readonly string[],
): Promise<void> {
  if (text.length < worthCompressing || !takesGzip(exchange)) {
    return send(exchange, status, text, headers, type, security)
  }
  const body = await compress(text)
  send(exchange, status, body, ['Content-Encoding', 'gzip', ...headers], type, security)
}

const takesGzip = ({ request }: Exchange): boolean =>
  (request.headers['accept-encoding'] ?? '').toString().split(',').some(isGzip)

const isGzip = (coding: string) =>
  /^\s*gzip\s*(;\s*q=(1|0\.\d*[1-9]))?/i.test(coding) && !/q=0(\.0*)?\s*$/.test(coding)
