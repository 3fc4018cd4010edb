// GET /data: every document or a page of them, streamed with flat memory.
import { idFromPath } from '../codec/document-id.ts'
import { createFairTurns, nextPiece } from '../fair-turns.ts'
import { type Exchange, send, writeHead } from '../http/exchange.ts'
import { dataSecurity } from '../http/security-headers.ts'
import type { Query } from '../query/filter.ts'
import { createProjection } from '../query/projection.ts'
import { parseQueryString } from '../query/query-string.ts'
import type { DocumentStore, ListPiece, Range } from '../store/document-store.ts'
import { DocumentSink, type Form, type SinkOptions } from './document-sink.ts'
import { countMatches, findDocuments } from './find.ts'
import { ndjson } from './ndjson.ts'
import { createPieceStream, streamBytes } from './piece-stream.ts'
import { countApplied, wantsCount } from './prefer.ts'
import { orStoreProblem, storeProblem, tryText } from './store-problem.ts'

// Lists that begin in a turn: each reads its first piece, in 0.7 ms at most.
const turnToBegin = createFairTurns(() => 4)

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
  const { request, response, mediaType } = exchange
  const type = `${mediaType}; charset=utf-8`
  const form = mediaType === ndjson ? lineForm : arrayForm
  const count = wantsCount(exchange)
    ? await countMatches(store, query.filter, () => response.destroyed)
    : undefined
  const counted = count !== undefined && { ...countApplied, 'X-Total-Count': String(count) }
  const isPlain = !query.filter && query.sort.length === 0 && !query.fields
  const found = isPlain ? await rangeOf(query, store) : await findDocuments(store, query)
  const link = found.next === undefined ? {} : { Link: `<${address(found.next)}>; rel="next"` }
  const headers = { Vary: 'Accept', 'Cache-Control': 'no-store', ...counted, ...link }
  const begin = () => writeHead(exchange, 200, { 'Content-Type': type }, dataSecurity, headers)
  if (request.method === 'HEAD') {
    await orStoreProblem(store.ping())
    begin().end()
    return
  }
  // The first piece is read before the head is sent: a store that is away makes a 503.
  await turnToBegin()
  const projection = query.fields && createProjection(query.fields)
  const answer = { exchange, form, projection, headers, type, begin }
  if ('range' in found) return sendRange(store, found.range, answer)
  const sink = new DocumentSink(answer)
  await found.send(sink)
  if (!response.destroyed) sink.end()
}

// All of its query, but for the place.
function withAfter(query: URLSearchParams, after: string): string {
  const next = new URLSearchParams(query)
  next.delete('after')
  const rest = next.toString().replaceAll('%3A', ':').replaceAll('%2C', ',')
  return `${rest}${rest === '' ? '' : '&'}after=${encodeURIComponent(after)}`
}

async function sendRange(
  store: DocumentStore,
  range: Range | undefined,
  { exchange, form, headers, type, begin }: SinkOptions,
): Promise<void> {
  if (!range) return send(exchange, 200, form.empty, headers, type)
  const pieces = store.list(range, form.between)[Symbol.asyncIterator]()
  try {
    const first = await orStoreProblem(pieces.next())
    if (first.done) send(exchange, 200, form.empty, headers, type)
    else if (first.value.isLast) send(exchange, 200, whole(first.value, form), headers, type)
    else await stream(exchange, begin, first.value, pieces, form)
  } catch (error) {
    throw storeProblem(error)
  } finally {
    await pieces.return?.()
  }
}

const arrayForm: Form = { open: '[', between: ',\n', close: ']\n', empty: '[]\n' }
const lineForm: Form = { open: '', between: '\n', close: '\n', empty: '' }

const whole = ({ bytes }: ListPiece, { open, close }: Form): Buffer =>
  Buffer.concat([Buffer.from(open), bytes, Buffer.from(close)])

async function stream(
  { response, answers }: Exchange,
  begin: () => void,
  first: ListPiece,
  pieces: AsyncIterator<ListPiece>,
  { open, between, close }: Form,
): Promise<void> {
  const share = answers.admit(response, streamBytes + first.bytes.length + first.held)
  begin()
  const sendPiece = createPieceStream(response, share)
  let next: IteratorResult<ListPiece> = { done: false, value: first }
  let before = open
  while (!next.done) {
    const { bytes, ends, held } = next.value
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
  if (limit === undefined) return { range: { after }, next: undefined }
  const { last, more } = await orStoreProblem(store.page(limit, after))
  if (last === undefined) return { range: undefined, next: undefined }
  return { range: { after, through: last }, next: more ? last : undefined }
}
