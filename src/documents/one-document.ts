// GET, PUT and DELETE /data/{id}.
import { idFromPath, idText } from '../codec/document-id.ts'
import { DocumentParser } from '../codec/document-parser.ts'
import { type DocumentText, pieceBytes, piecesInTurns, textOfBson } from '../codec/document-text.ts'
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import { type Exchange, jsonType, send, sendEmpty, sendJson, writeHead } from '../http/exchange.ts'
import { ClientGone } from '../http/receive-body.ts'
import { type AnswerHeaders, dataSecurity } from '../http/security-headers.ts'
import type { DocumentStore } from '../store/document-store.ts'
import {
  checkConditions,
  preconditionFailed,
  readConditions,
  writeCondition,
} from './conditions.ts'
import { type Tagged, tagDocument } from './etag.ts'
import { documentPath } from './insert.ts'
import { createPieceStream } from './piece-stream.ts'
import { putDocument } from './put-document.ts'
import { absentDocument, orStoreProblem } from './store-problem.ts'

// A copy may be kept, but is validated each time.
const caching = { 'Cache-Control': 'no-cache' }

// Milliseconds that a client may keep others waiting for their turn, in all.
const patience = 1000

/** GET: the document, or 304 if the client has it already. */
export function getHandler(store: DocumentStore) {
  return async (exchange: Exchange): Promise<void> => {
    const conditions = readConditions(exchange)
    let large: ReturnType<typeof sendLarge>
    const answer = (text: DocumentText, { etag, bytes }: Tagged) => {
      const headers = { ETag: etag, ...caching }
      const state = checkConditions(conditions, etag)
      if (state === 'no match') throw preconditionFailed(conditions)
      if (state === 'match') return sendEmpty(exchange, 304, headers)
      if (text.whole) return sendSmall(exchange, text.whole, headers)
      large = sendLarge(exchange, text, bytes, headers)
      return large?.yields
    }
    const expectClient = () => {
      if (exchange.response.destroyed) throw new ClientGone()
    }
    const use = (text: DocumentText | undefined) => {
      // Thrown below: to pass it through two more promises took a quarter of the time of a 404.
      if (!text) return 'absent' as const
      const found = tagDocument(text, expectClient)
      return found instanceof Promise ? found.then((tag) => answer(text, tag)) : answer(text, found)
    }
    const found = await orStoreProblem(store.read(idFromPath(exchange.id), use, expectClient))
    if (found === 'absent') throw absentDocument(exchange.id)
    await large?.ended
  }
}

function sendSmall(exchange: Exchange, json: Buffer, headers: AnswerHeaders): void {
  const body = Buffer.allocUnsafe(json.length + 1)
  json.copy(body)
  body[json.length] = 0x0a
  send(exchange, 200, body, headers, jsonType)
}

/**
 * Sends a large document in pieces. It `yields` when others may have their turn: all is sent, or the client is slow.
 * Content-Length tells a client how far it is, and one of HTTP/1.0, which has no chunks, whether it has all.
 * @throws Problem `overloaded` if there is no room among the answers that wait for their clients
 */
function sendLarge(exchange: Exchange, text: DocumentText, bytes: number, headers: AnswerHeaders) {
  const { request, response, answers } = exchange
  const isHead = request.method === 'HEAD'
  const share = isHead ? undefined : answers.admit(response, text.size + pieceBytes)
  const content = { 'Content-Type': jsonType, 'Content-Length': String(bytes + 1) }
  writeHead(exchange, 200, content, dataSecurity, headers)
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

/** PUT: puts the document there, whether there was one or not. */
export function replaceHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()
  return async (exchange: Exchange): Promise<void> => {
    const id = idFromPath(exchange.id)
    bodyType(exchange, ['application/json'])
    const conditions = readConditions(exchange)
    await withBody(exchange, limits, async (json, reserve) => {
      const put = { parser, id, json, reserve, condition: writeCondition(conditions) }
      const done = await putDocument(store, put)
      if (done.result === 'precondition failed') throw preconditionFailed(conditions)
      const { etag } = await tagDocument(textOfBson(done.document))
      const isNew = done.result === 'created'
      const body = { status: isNew ? 'Data inserted' : 'Data replaced', _id: idText(id) }
      const headers = { ETag: etag, ...(isNew && { Location: documentPath(id) }) }
      sendJson(exchange, isNew ? 201 : 200, body, headers)
    })
  }
}

/** DELETE: removes the document. */
export function removeHandler(store: DocumentStore) {
  return async (exchange: Exchange): Promise<void> => {
    const id = idFromPath(exchange.id)
    const conditions = readConditions(exchange)
    const result = await orStoreProblem(store.remove(id, writeCondition(conditions)))
    if (result === 'precondition failed') throw preconditionFailed(conditions)
    if (result === 'absent') throw absentDocument(exchange.id)
    sendEmpty(exchange, 204)
  }
}
