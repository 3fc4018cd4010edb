// GET, PUT and DELETE /data/{id}.
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import { type Exchange, send, sendEmpty, sendJson } from '../http/exchange.ts'
import { Problem, quoted } from '../http/problem.ts'
import { idFromPath, textOf } from '../store/document-id.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { JsonWriter } from '../store/json-writer.ts'
import { DocumentParser } from './document-parser.ts'
import { etagOf, isFresh, writeCondition } from './etag.ts'
import { documentPath } from './insert.ts'
import { putDocument } from './put-document.ts'
import { fromStore } from './store-problem.ts'

// A copy may be kept, but is asked about each time.
const caching = ['Cache-Control', 'no-cache']

/** GET: the document, or 304 where the client has it already. */
export function getHandler(store: DocumentStore) {
  return async (exchange: Exchange): Promise<void> => {
    const bson = await fromStore(store.get(idFromPath(exchange.id)))
    if (!bson) throw absent(exchange.id)
    const etag = etagOf(bson)
    const headers = ['ETag', etag, ...caching]
    if (isFresh(exchange, etag)) return sendEmpty(exchange, 304, headers)
    const writer = new JsonWriter(bson.length * 2)
    writer.document(bson)
    writer.text('\n')
    send(exchange, 200, writer.bytes, headers)
  }
}

/** PUT: puts the document there, whether there was one or not. */
export function replaceHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()
  return async (exchange: Exchange): Promise<void> => {
    const id = idFromPath(exchange.id)
    bodyType(exchange, ['application/json'])
    await withBody(exchange, limits, async (json, reserve) => {
      const put = { parser, id, json, reserve, condition: writeCondition(exchange) }
      const { result, bson } = await putDocument(store, put)
      if (result === 'precondition failed') throw preconditionFailed()
      const headers = ['ETag', etagOf(bson)]
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
    const result = await fromStore(store.remove(id, writeCondition(exchange)))
    if (result === 'precondition failed') throw preconditionFailed()
    if (result === 'absent') throw absent(exchange.id)
    sendEmpty(exchange, 204)
  }
}

const absent = (id: string) =>
  new Problem('not_found', `There is no document with the _id ${quoted(id)}.`)

const preconditionFailed = () =>
  new Problem(
    'precondition_failed',
    'The document is not as If-Match or If-None-Match asks: somebody else wrote it.',
  )
