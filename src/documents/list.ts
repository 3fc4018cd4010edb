// GET /data: every document or a page of them, streamed with flat memory.
import { idFromPath } from '../codec/document-id.ts'
import { createFairTurns, nextPiece } from '../fair-turns.ts'
import { type Exchange, send } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { dataSecurity } from '../http/security-headers.ts'
import type { DocumentStore, ListPiece, Range } from '../store/document-store.ts'
import { ndjson } from './ndjson.ts'
import { createPieceStream } from './piece-stream.ts'
import { fromStore, storeProblem } from './store-problem.ts'

const maxLimit = 10_000

// Lists that begin in a turn of the event loop: each reads its first piece, in 0.7 ms at most.
const turnToBegin = createFairTurns(4)
// What a stream holds beside its documents: its socket, its parser, its objects.
const streamBytes = 16 * 1024

/** Makes the handler: a JSON array, or a document a line for `application/x-ndjson`. */
export function listHandler(store: DocumentStore) {
  return async (exchange: Exchange): Promise<void> => {
    const { range, link } = await rangeOf(exchange, store)
    const { request, response, requestId, mediaType } = exchange
    const type = `${mediaType}; charset=utf-8`
    const headers = ['Vary', 'Accept', 'Cache-Control', 'no-store', ...link]
    const writeHead = () =>
      response.writeHead(200, [
        ...['Content-Type', type, 'X-Request-Id', requestId],
        ...[...dataSecurity, ...headers],
      ])
    if (request.method === 'HEAD') {
      await fromStore(store.ping())
      writeHead().end()
      return
    }
    const form = mediaType === ndjson ? lineForm : arrayForm
    const pieces = range ? store.list(range, form.between)[Symbol.asyncIterator]() : emptyList()
    try {
      // The first piece comes before the head: a store that is away is still a 503 then.
      await turnToBegin()
      const first = await fromStore(pieces.next())
      if (first.done) send(exchange, 200, form.empty, headers, type)
      else if (first.value.isLast) send(exchange, 200, whole(first.value, form), headers, type)
      else await stream(exchange, writeHead, first.value, pieces, form)
    } catch (error) {
      throw storeProblem(error)
    } finally {
      await pieces.return?.()
    }
  }
}

type Pieces = AsyncIterator<ListPiece>

async function* emptyList(): AsyncGenerator<ListPiece> {}

interface Form {
  readonly open: string
  readonly between: string
  readonly close: string
  readonly empty: string
}
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

/** The part that the query asks for (undefined: an empty one), and the Link to what follows it. */
async function rangeOf(
  { query }: Exchange,
  store: DocumentStore,
): Promise<{ range: Range | undefined; link: readonly string[] }> {
  const text = query.get('limit')
  const given = query.get('after')
  for (const name of query.keys()) {
    if (name !== 'limit' && name !== 'after') {
      throw new Problem(
        'invalid_query',
        `There is no parameter ${name}; there are limit and after.`,
      )
    }
  }
  const after = given === null ? undefined : idFromPath(given)
  const from = after === undefined ? {} : { after }
  if (text === null) return { range: from, link: [] }
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > maxLimit) {
    throw new Problem('invalid_query', `limit is a number from 1 to ${maxLimit}, not ${text}.`)
  }
  const { last, more } = await fromStore(store.page(Number(text), after))
  if (last === undefined) return { range: undefined, link: [] }
  const next = `/data?limit=${text}&after=${encodeURIComponent(last)}`
  return {
    range: { ...from, through: last },
    link: more ? ['Link', `<${next}>; rel="next"`] : [],
  }
}
