// GET /data: every document or a page of them, streamed with flat memory.
import type { ServerResponse } from 'node:http'
import { ClientGone } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { dataSecurity } from '../http/security-headers.ts'
import { idFromPath } from '../store/document-id.ts'
import type { DocumentStore, Range } from '../store/document-store.ts'
import { JsonWriter } from '../store/json-writer.ts'
import { ndjson } from './ndjson.ts'
import { fromStore, storeProblem } from './store-problem.ts'

const maxLimit = 10_000
const chunkBytes = 64 * 1024

/** Makes the handler: a JSON array, or a document a line for `application/x-ndjson`. */
export function listHandler(store: DocumentStore) {
  return async (exchange: Exchange): Promise<void> => {
    const { range, link } = await rangeOf(exchange, store)
    const { request, response, requestId, mediaType } = exchange
    const headers = [
      ...['Content-Type', mediaType, 'Vary', 'Accept', 'X-Request-Id', requestId],
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
      // The first batch comes before the head: a store that is away is still a 503 then.
      const first = await fromStore(batches.next())
      response.writeHead(200, headers)
      await stream(response, first, batches, form)
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
  first: IteratorResult<readonly Uint8Array[]>,
  batches: Batches,
  form: Form,
): Promise<void> {
  const writer = new JsonWriter()
  writer.text(form.open)
  let count = 0
  for (let batch = first; !batch.done; batch = await batches.next()) {
    for (const bson of batch.value) {
      if (count++ > 0) writer.text(form.between)
      writer.document(bson)
      if (writer.length >= chunkBytes) {
        await write(response, writer.bytes)
        writer.clear()
      }
    }
  }
  if (count > 0 || form.open !== '') writer.text(form.close)
  response.end(writer.bytes)
}

// Waits until the bytes are with the system: that keeps memory flat behind a slow client, and the
// writer's memory free for the next chunk.
function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (response.destroyed) throw new ClientGone()
    const onClose = () => reject(new ClientGone())
    response.once('close', onClose)
    response.write(chunk, (error) => {
      response.off('close', onClose)
      if (error) reject(new ClientGone())
      else resolve()
    })
  })
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
