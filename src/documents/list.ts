// GET /data: every document or a page of them, streamed with flat memory.
import type { ServerResponse } from 'node:http'
import { idFromPath } from '../codec/document-id.ts'
import { createFairTurns, nextPiece } from '../fair-turns.ts'
import type { Share } from '../http/answer-budget.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { dataSecurity } from '../http/security-headers.ts'
import type { DocumentStore, Range } from '../store/document-store.ts'
import { smallBytes } from '../store/large-documents.ts'
import { chunkBytes, chunkMemory, createJsonStream } from './json-stream.ts'
import { ndjson } from './ndjson.ts'
import { fromStore, storeProblem } from './store-problem.ts'

const maxLimit = 10_000

// Bytes that are sent at the end of a batch; what is less waits for more.
const leastChunk = 32 * 1024
// Lists that begin in a turn of the event loop: each reads its first batch, up to 64 KiB in 0.7 ms.
const turnToBegin = createFairTurns(4)
// What a stream holds beside its documents: its socket, its parser, its objects.
const streamBytes = 16 * 1024

/** Makes the handler: a JSON array, or a document a line for `application/x-ndjson`. */
export function listHandler(store: DocumentStore) {
  return async (exchange: Exchange): Promise<void> => {
    const { range, link } = await rangeOf(exchange, store)
    const { request, response, requestId, mediaType, answers } = exchange
    const headers = [
      ...[
        'Content-Type',
        `${mediaType}; charset=utf-8`,
        'Vary',
        'Accept',
        'X-Request-Id',
        requestId,
      ],
      ...['Cache-Control', 'no-store', ...dataSecurity, ...link],
    ]
    if (request.method === 'HEAD') {
      await fromStore(store.ping())
      response.writeHead(200, headers).end()
      return
    }
    const form = mediaType === ndjson ? lineForm : arrayForm
    const batches = range ? store.list(range)[Symbol.asyncIterator]() : emptyList()
    try {
      const begin = (bytes: number): Share => {
        const share = answers.admit(response, bytes)
        response.writeHead(200, headers)
        return share
      }
      await stream(response, begin, batches, form)
    } catch (error) {
      throw storeProblem(error)
    } finally {
      await batches.return?.()
    }
  }
}

type Batches = AsyncIterator<readonly Uint8Array[]>

async function* emptyList(): AsyncGenerator<readonly Uint8Array[]> {}

interface Form {
  readonly open: string
  readonly between: string
  readonly close: string
}
const arrayForm: Form = { open: '[', between: ',\n', close: ']\n' }
const lineForm: Form = { open: '', between: '\n', close: '\n' }

async function stream(
  response: ServerResponse,
  begin: (bytes: number) => Share,
  batches: Batches,
  form: Form,
): Promise<void> {
  // The first batch comes before the head: a store that is away is still a 503 then.
  await turnToBegin()
  let batch = await fromStore(batches.next())
  const size = batch.done ? 0 : sizeOf(batch.value)
  const share = begin(streamBytes + size)
  // JSON has about as many bytes as BSON; a little more room spares most streams a larger copy.
  const memory = Math.min(1024 + size * 1.25, chunkMemory)
  const { writer, flush, end } = createJsonStream(response, share, memory)
  if (size > smallBytes) await nextPiece()
  writer.text(form.open)
  let count = 0
  for (; !batch.done; batch = await batches.next()) {
    // The batch counts to its end: the store's generator may hold it for so long.
    const held = streamBytes + sizeOf(batch.value)
    for (const bson of batch.value) {
      if (count++ > 0) writer.text(form.between)
      writer.begin(bson)
      while (!writer.fill(chunkBytes)) await flush(held)
    }
    batch = noBatch // what waits for a slow client is then the chunk alone
    if (writer.length >= leastChunk) await flush(held)
  }
  if (count > 0 || form.open !== '') writer.text(form.close)
  end()
}

const noBatch: IteratorResult<readonly Uint8Array[]> = { done: false, value: [] }

const sizeOf = (batch: readonly Uint8Array[]) =>
  batch.reduce((sum, { byteLength }) => sum + byteLength, 0)

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
