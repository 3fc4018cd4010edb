// Reads request bodies: whole and bounded in size, time and sum, or chunk by chunk.
import type { IncomingMessage } from 'node:http'
import type { BodyBudget } from './body-budget.ts'
import type { Exchange } from './exchange.ts'
import { contentType } from './media-type.ts'
import { Problem } from './problem.ts'

/** The client closed the connection before its body was whole: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

export interface BodyLimits {
  /** Bytes of one body. */
  readonly maxBytes: number
  readonly budget: BodyBudget
  /** Milliseconds from the first to the last byte. */
  readonly deadline?: number
}

// A client that has sent so many bytes is believed the rest that it declares.
const takenAtWord = 1 << 20

/**
 * The media type of the body, one of `accepted`.
 * @throws Problem `length_required` without a body, `unsupported_media_type` for any other type,
 * charset or encoding
 */
export function bodyType({ request }: Exchange, accepted: readonly string[]): string {
  const { headers } = request
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    throw new Problem('length_required', 'Send a body, with Content-Length or chunked.')
  }
  const coding = headers['transfer-encoding']?.toLowerCase() ?? 'chunked'
  if (coding !== 'chunked') {
    throw new Problem('unsupported_media_type', `Send the body without the coding ${coding}.`)
  }
  const { type, charset } = contentType(headers['content-type'])
  const fail = (detail: string) =>
    new Problem('unsupported_media_type', detail, {}, ['Accept-Post', accepted.join(', ')])
  if (!accepted.includes(type)) {
    const given = type === '' ? 'no Content-Type' : type
    throw fail(`Send ${accepted.join(' or ')} as Content-Type; this body has ${given}.`)
  }
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw fail(`JSON is UTF-8 (RFC 8259); this body says charset=${charset}.`)
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw fail(`Send the body without Content-Encoding; this one has ${encoding}.`)
  }
  return type
}

/**
 * Reads the whole body and hands it to `use`; its bytes count in the budget until that is done.
 * What `use` makes of it may count as well, by `reserve`.
 * @throws Problem `body_too_large`, `overloaded` or `request_timeout`; ClientGone
 */
export async function withBody<T>(
  exchange: Exchange,
  limits: BodyLimits,
  use: (body: Uint8Array, reserve: (bytes: number) => void) => Promise<T> | T,
): Promise<T> {
  const { budget, maxBytes } = limits
  const declared = Number(exchange.request.headers['content-length'] ?? 0)
  if (declared > maxBytes) throw tooLarge(maxBytes)
  let reserved = 0
  const reserve = (bytes: number) => {
    if (reserved + bytes > budget.limit) throw neverFits(reserved + bytes, budget.limit)
    budget.reserve(bytes)
    reserved += bytes
  }
  // Each byte as it comes would let many large bodies grow side by side until none fits; the
  // declared length at once would let a client take room that it never fills.
  const onSize = (size: number) => {
    const wanted = size > takenAtWord ? Math.max(size, declared) : size
    if (wanted > reserved) reserve(wanted - reserved)
  }
  try {
    return await use(await readWhole(exchange, limits, onSize), reserve)
  } finally {
    budget.release(reserved)
  }
}

// Events and not `for await`: leaving that loop early destroys the socket, and the answer with it.
function readWhole(
  exchange: Exchange,
  { maxBytes, deadline = 60_000 }: BodyLimits,
  onSize: (bytes: number) => void,
): Promise<Uint8Array> {
  const { request } = exchange
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  const chunks: Buffer[] = []
  let size = 0
  const timer = setTimeout(
    () => reject(new Problem('request_timeout', `The body took over ${deadline / 1000} s.`)),
    deadline,
  )
  const onData = (chunk: Buffer) => {
    try {
      size += chunk.length
      if (size > maxBytes) throw tooLarge(maxBytes)
      onSize(size)
      chunks.push(chunk)
    } catch (error) {
      reject(error)
    }
  }
  const onEnd = () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
  // 'close' comes behind every 'end' too: an error made there for nothing took 3 % of a POST.
  const onClose = () => {
    if (!request.complete) reject(new ClientGone())
  }
  request.on('data', onData).once('end', onEnd).once('close', onClose).once('error', onClose)
  askForBody(exchange)
  return promise.finally(() => {
    clearTimeout(timer)
    // The listener for errors stays and keeps this scope: a refused request held 140 kB until it closed.
    chunks.length = 0
    request.off('data', onData).off('end', onEnd).off('close', onClose)
  })
}

/** The body's chunks as they come. Leaving the loop early leaves the connection open to answer. */
export async function* bodyChunks(exchange: Exchange): AsyncGenerator<Buffer> {
  askForBody(exchange)
  const chunks: AsyncIterable<Buffer> = exchange.request.iterator({ destroyOnReturn: false })
  try {
    yield* chunks
  } catch (error) {
    if (isAborted(exchange.request)) throw new ClientGone()
    throw error
  }
}

function askForBody({ request, response }: Exchange): void {
  // An HTTP/1.0 client does not know what it asked for (RFC 9110, section 10.1.1).
  if (request.headers.expect !== undefined && request.httpVersion !== '1.0') {
    response.writeContinue()
  }
}

const isAborted = (request: IncomingMessage) => request.destroyed && !request.complete

const tooLarge = (maxBytes: number) =>
  new Problem(
    'body_too_large',
    `A body of this media type may have ${maxBytes} bytes. More documents go in as application/x-ndjson.`,
    { maxBytes },
  )

// To ask again later would not help, so this is no 503.
const neverFits = (bytes: number, limit: number) =>
  new Problem(
    'body_too_large',
    `It takes ${bytes} bytes of memory; all bodies together may take ${limit}. More documents go in as application/x-ndjson.`,
  )
