// The answer to GET of a large document: hashed, counted and written in pieces, and never held as JSON.
import { JsonWriter } from '../codec/json-writer.ts'
import { nextPiece } from '../fair-turns.ts'
import { type Exchange, jsonType, send } from '../http/exchange.ts'
import { ClientGone } from '../http/receive-body.ts'
import { dataSecurity } from '../http/security-headers.ts'
import { chunkBytes, chunkMemory, createJsonStream } from './json-stream.ts'

/** An answer under way. */
export interface Sending {
  /** Others may have their turn: all is sent, or the client is slow. */
  readonly yields: Promise<void>
  readonly ended: Promise<void>
}

/**
 * Begins the answer. Its JSON is written twice: the first time only its bytes are counted, so that it has
 * a Content-Length, and HEAD has the same. A client sees by it how far it is, and one of HTTP/1.0, which
 * knows no chunks, whether it has the whole. That costs 20 to 200 ms for 16 MiB, in pieces of 0.2 to 2 ms.
 * @throws Problem `overloaded` if there is no room among the answers that wait for their clients
 */
export async function sendLarge(
  exchange: Exchange,
  bson: Uint8Array,
  headers: readonly string[],
): Promise<Sending | undefined> {
  const { request, response, requestId, answers } = exchange
  // Before its bytes are counted: what is refused costs no more than its reading.
  const share =
    request.method === 'HEAD' ? undefined : answers.admit(response, bson.length + chunkBytes)
  const writer = new JsonWriter(chunkMemory)
  let before = 0
  const nextChunk = async () => {
    await nextPiece()
    if (response.destroyed) throw new ClientGone()
    return writer.fill(chunkBytes)
  }
  writer.begin(bson)
  while (!(await nextChunk())) {
    before += writer.length
    writer.clear()
  }
  writer.text('\n')
  if (before === 0) {
    send(exchange, 200, writer.bytes, headers, jsonType)
    return undefined
  }
  const length = before + writer.length
  const head = [
    ...['Content-Type', jsonType, 'Content-Length', String(length)],
    ...['X-Request-Id', requestId, ...dataSecurity, ...headers],
  ]
  if (!share) {
    response.writeHead(200, head).end()
    return undefined
  }
  response.writeHead(200, head)
  const stream = createJsonStream(response, share, chunkMemory)
  const write = async () => {
    stream.writer.begin(bson)
    while (!stream.writer.fill(chunkBytes)) await stream.flush(bson.length)
    stream.writer.text('\n')
    stream.end()
  }
  const ended = write()
  return { ended, yields: Promise.race([ended, stream.slow]) }
}
