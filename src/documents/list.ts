// GET /data: every document or a page of them, streamed with flat memory.
import type { ServerResponse } from 'node:http'
import { idFromPath } from '../codec/document-id.ts'
import { createFairTurns, nextPiece } from '../fair-turns.ts'
import { type Exchange, send } from '../http/exchange.ts'
import { type AnswerHeaders, dataSecurity } from '../http/security-headers.ts'
import type { Query } from '../query/filter.ts'
import { createProjection } from '../query/projection.ts'
import { parseQueryString } from '../query/query-string.ts'
import type { DocumentStore, ListPiece, Range } from '../store/document-store.ts'
import { DocumentSink, type Form } from './document-sink.ts'
import { countMatches, findDocuments } from './find.ts'
import { ndjson } from './ndjson.ts'
import { createPieceStream, streamBytes } from './piece-stream.ts'
import { countApplied, wantsCount } from './prefer.ts'
import { orStoreProblem, storeProblem, tryText } from './store-problem.ts'

// Lists that begin in a turn of the event loop: each reads its first piece, in 0.7 ms at most.
const turnToBegin = createFairTurns(4)

/** Makes the handler: a JSON array, or one document per line for `application/x-ndjson`. */
export function listHandler(store: DocumentStore) {
  return async (exchange: Exchange): Promise<void> => {
    const query = tryText(() => parseQueryString(exchange.query))
    await sendList(store, exchange, query, (after) => `/data?${withAfter(exchange.query, after)}`)
  }
}

/** Sends what the query means. `address` makes the address of the page after a place. */
export async function sendList(
  store: DocumentStore,
  exchange: Exchange,
  query: Query,
  address: (after: string) => string,
): Promise<void> {
  const { request, response, requestId, mediaType } = exchange
  const type = `${mediaType}; charset=utf-8`
  const counted = wantsCount(exchange) ? await countHeaders(store, query, response) : {}
  const isPlain = !query.filter && query.sort.length === 0 && !query.fields
  const found = isPlain ? await rangeOf(query, store) : await findDocuments(store, query)
  const link = found.next === undefined ? {} : { Link: `<${address(found.next)}>; rel="next"` }
  const headers = { Vary: 'Accept', 'Cache-Control': 'no-store', ...counted, ...link }
  const writeHead = () =>
    response.writeHead(200, {
      'Content-Type': type,
      'X-Request-Id': requestId,
      ...dataSecurity,
      ...headers,
    })
  if (request.method === 'HEAD') {
    await orStoreProblem(store.ping())
    writeHead().end()
    return
  }
  const form = mediaType === ndjson ? lineForm : arrayForm
  // Lists begin in turns: the first piece of each is read before its head is sent, so that a store that is away
  // makes a 503.
  await turnToBegin()
  if ('range' in found) {
    await sendRange(store, exchange, found.range, { form, headers, type, writeHead })
    return
  }
  const projection = query.fields && createProjection(query.fields)
  const sink = new DocumentSink({ exchange, form, projection, headers, type, writeHead })
  await found.send(sink)
  if (!response.destroyed) sink.end()
}

async function countHeaders(
  store: DocumentStore,
  { filter }: Query,
  response: ServerResponse,
): Promise<AnswerHeaders> {
  const count = await countMatches(store, filter, () => response.destroyed)
  return { ...countApplied, 'X-Total-Count': String(count) }
}

// All of its query, but for the place.
function withAfter(query: URLSearchParams, after: string): string {
  const next = new URLSearchParams(query)
  next.delete('after')
  const rest = next.toString().replaceAll('%3A', ':').replaceAll('%2C', ',')
  return `${rest}${rest === '' ? '' : '&'}after=${encodeURIComponent(after)}`
}

interface Head {
  readonly form: Form
  readonly headers: AnswerHeaders
  readonly type: string
  readonly writeHead: () => ServerResponse
}

async function sendRange(
  store: DocumentStore,
  exchange: Exchange,
  range: Range | undefined,
  { form, headers, type, writeHead }: Head,
): Promise<void> {
  const pieces = range ? store.list(range, form.between)[Symbol.asyncIterator]() : emptyList()
  try {
    const first = await orStoreProblem(pieces.next())
    if (first.done) send(exchange, 200, form.empty, headers, type)
    else if (first.value.isLast) send(exchange, 200, whole(first.value, form), headers, type)
    else await stream(exchange, writeHead, first.value, pieces, form)
  } catch (error) {
    throw storeProblem(error)
  } finally {
    await pieces.return?.()
  }
}

type Pieces = AsyncIterator<ListPiece>

async function* emptyList(): AsyncGenerator<ListPiece> {}

const arrayForm: Form = { open: '[', between: ',\n', close: ']\n', empty: '[]\n' }
const lineForm: Form = { open: '', between: '\n', close: '\n', empty: '' }

function whole({ bytes }: ListPiece, { open, close }: Form): Buffer {
  const body = Buffer.allocUnsafe(open.length + bytes.length + close.length)
  body.write(open, 0, 'latin1')
  bytes.copy(body, open.length)
  body.write(close, open.length + bytes.length, 'latin1')
  return body
}

async function stream(
  { response, answers }: Exchange,
  writeHead: () => void,
  first: ListPiece,
  pieces: Pieces,
  { open, between, close }: Form,
): Promise<void> {
  const share = answers.admit(response, streamBytes + first.bytes.length + first.held)
  writeHead()
  const sendPiece = createPieceStream(response, share)
  let next: IteratorResult<ListPiece> = { done: false, value: first }
  let before = open
  while (!next.done) {
    const { bytes, ends, held } = next.value
    // Goes out with the piece.
    if (before !== '') response.write(before)
    await sendPiece(bytes, streamBytes + held)
    // Only a piece that ends with a document has another document after it.
    before = ends.at(-1) === bytes.length ? between : ''
    await nextPiece()
    next = await pieces.next()
  }
  response.end(close)
}

/** The part that a query without conditions means (undefined: an empty one). */
async function rangeOf(
  { limit, after: given }: Query,
  store: DocumentStore,
): Promise<{ range: Range | undefined; next: string | undefined }> {
  const after = given === undefined ? undefined : idFromPath(given)
  const from = after === undefined ? {} : { after }
  if (limit === undefined) return { range: from, next: undefined }
  const { last, more } = await orStoreProblem(store.page(limit, after))
  if (last === undefined) return { range: undefined, next: undefined }
  return { range: { ...from, through: last }, next: more ? last : undefined }
}
