// GET, PUT and DELETE /data/{id}.
import { idFromPath, textOf } from '../codec/document-id.ts'
import { DocumentParser } from '../codec/document-parser.ts'
import { JsonWriter } from '../codec/json-writer.ts'
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import { type Exchange, jsonType, send, sendEmpty, sendJson } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { quoted } from '../quoted.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { smallBytes } from '../store/large-documents.ts'
import { check, conditionsOf, preconditionFailed, writeCondition } from './conditions.ts'
import { whenTagged } from './etag.ts'
import { documentPath } from './insert.ts'
import { type Sending, sendLarge } from './large-document.ts'
import { putDocument } from './put-document.ts'
import { fromStore } from './store-problem.ts'

// A copy may be kept, but is asked about each time.
const caching = ['Cache-Control', 'no-cache']

/** GET: the document, or 304 where the client has it already. */
export function getHandler(store: DocumentStore) {
  return async (exchange: Exchange): Promise<void> => {
    const conditions = conditionsOf(exchange)
    let large: Sending | undefined
    const answer = (bson: Uint8Array, etag: string | undefined) => {
      const headers = ['ETag', String(etag), ...caching]
      const state = check(conditions, etag)
      if (state === 'no match') throw preconditionFailed(conditions)
      if (state === 'match') return sendEmpty(exchange, 304, headers)
      if (bson.length <= smallBytes) return sendSmall(exchange, bson, headers)
      return sendLarge(exchange, bson, headers).then((sending) => {
        large = sending
        return sending?.yields
      })
    }
    const use = (bson: Uint8Array | undefined) => {
      if (!bson) throw absent(exchange.id)
      return whenTagged(bson, (etag) => answer(bson, etag))
    }
    await fromStore(store.read(idFromPath(exchange.id), use))
    await large?.ended
  }
}

function sendSmall(exchange: Exchange, bson: Uint8Array, headers: readonly string[]): void {
  const writer = new JsonWriter(bson.length * 2)
  writer.document(bson)
  writer.text('\n')
  send(exchange, 200, writer.bytes, headers, jsonType)
}

/** PUT: puts the document there, whether there was one or not. */
export function replaceHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()
  return async (exchange: Exchange): Promise<void> => {
    const id = idFromPath(exchange.id)
    bodyType(exchange, ['application/json'])
    const conditions = conditionsOf(exchange)
    await withBody(exchange, limits, async (json, reserve) => {
      const put = { parser, id, json, reserve, condition: writeCondition(conditions) }
      const { result, bson } = await putDocument(store, put)
      if (result === 'precondition failed') throw preconditionFailed(conditions)
      const headers = ['ETag', String(await whenTagged(bson, (etag) => etag))]
      if (result === 'replaced') {
        return sendJson(exchange, 200, { status: 'Data replaced', _id: textOf(id) }, headers)
      }
      headers.push('Location', documentPath(id))
      sendJson(exchange, 201, { status: 'Data inserted', _id: textOf(id) }, headers)
    })
  }
}

/** DELETE: removes the document. */
export function removeHandler(store: DocumentStore) {
  return async (exchange: Exchange): Promise<void> => {
    const id = idFromPath(exchange.id)
    const conditions = conditionsOf(exchange)
    const result = await fromStore(store.remove(id, writeCondition(conditions)))
    if (result === 'precondition failed') throw preconditionFailed(conditions)
    if (result === 'absent') throw absent(exchange.id)
    sendEmpty(exchange, 204)
  }
}

const absent = (id: string) =>
  new Problem('not_found', `There is no document with the _id ${quoted(id)}.`)
