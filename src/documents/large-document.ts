// The answer to GET of a large document: sent in pieces, and never held as a whole beside the store's.
import { performance } from 'node:perf_hooks'
import { type DocumentText, pieceBytes, piecesInTurns } from '../codec/document-text.ts'
import { type Exchange, jsonType } from '../http/exchange.ts'
import { type AnswerHeaders, dataSecurity } from '../http/security-headers.ts'
import { createPieceStream } from './piece-stream.ts'

// Milliseconds that a client may keep others waiting for their turn, in all.
const patience = 1000

/**
 * Begins the answer, which `yields` when others may have their turn: all is sent, or the client is slow. `bytes` are those of its JSON: its Content-Length tells a client how far it is, and one of
 * HTTP/1.0, which has no chunks, whether it has everything.
 * @throws Problem `overloaded` if there is no room among the answers that wait for their clients
 */
export function sendLarge(
  { request, response, requestId, answers }: Exchange,
  text: DocumentText,
  bytes: number,
  headers: AnswerHeaders,
) {
  const isHead = request.method === 'HEAD'
  const share = isHead ? undefined : answers.admit(response, text.size + pieceBytes)
  response.writeHead(200, {
    'Content-Type': jsonType,
    'Content-Length': bytes + 1,
    'X-Request-Id': requestId,
    ...dataSecurity,
    ...headers,
  })
  if (!share) {
    response.end()
    return undefined
  }
  const sendPiece = createPieceStream(response, share)
  const { promise: slow, resolve } = Promise.withResolvers<void>()
  let left = patience
  const write = async () => {
    for await (const piece of piecesInTurns(text)) {
      const begun = performance.now()
      const timer = setTimeout(resolve, left)
      await sendPiece(piece, text.size).finally(() => clearTimeout(timer))
      left = Math.max(left - (performance.now() - begun), 0)
    }
    share.setBufferedBytes(1)
    response.end('\n')
  }
  const ended = write()
  return { ended, yields: Promise.race([ended, slow]) }
}
