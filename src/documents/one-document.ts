// GET, PUT and DELETE /data/{id}.
import { idFromPath, idText } from '../codec/document-id.ts'
import { DocumentParser } from '../codec/document-parser.ts'
import { type DocumentText, textOfBson } from '../codec/document-text.ts'
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import { type Exchange, jsonType, send, sendEmpty, sendJson } from '../http/exchange.ts'
import { ClientGone } from '../http/receive-body.ts'
import type { AnswerHeaders } from '../http/security-headers.ts'
import type { DocumentStore } from '../store/document-store.ts'
import {
  checkConditions,
  preconditionFailed,
  readConditions,
  writeCondition,
} from './conditions.ts'
import { type Tagged, tagDocument } from './etag.ts'
import { documentPath } from './insert.ts'
import { sendLarge } from './large-document.ts'
import { putDocument } from './put-document.ts'
import { absentDocument, orStoreProblem } from './store-problem.ts'

// A copy may be kept, but must be validated each time.
const caching = { 'Cache-Control': 'no-cache' }

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
      if (!text) throw absentDocument(exchange.id)
      const found = tagDocument(text, expectClient)
      return found instanceof Promise ? found.then((tag) => answer(text, tag)) : answer(text, found)
    }
    await orStoreProblem(store.read(idFromPath(exchange.id), use, expectClient))
    await large?.ended
  }
}

function sendSmall(exchange: Exchange, json: Buffer, headers: AnswerHeaders): void {
  const body = Buffer.allocUnsafe(json.length + 1)
  json.copy(body)
  body[json.length] = 0x0a
  send(exchange, 200, body, headers, jsonType)
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
