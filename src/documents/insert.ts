// POST /data: one document, an array of them, or a stream of lines.
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import { type Exchange, sendJson } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { textOf } from '../store/document-id.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { DocumentParser, type ParsedDocument } from './document-parser.ts'
import { insertLines } from './insert-lines.ts'
import { type Insertion, insertionOf } from './insertion.ts'
import { type ItemError, itemError, nothingKept, shownErrors } from './item-errors.ts'
import { ndjson } from './ndjson.ts'

// What a document of an array costs in memory beside its BSON, until it has its answer.
const bytesOfDocument = 350

/** Makes the handler. It takes `application/json` and `application/x-ndjson`. */
export function insertHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()
  return async (exchange: Exchange): Promise<void> => {
    const type = bodyType(exchange, ['application/json', ndjson])
    const insertion = insertionOf(exchange, store)
    if (type === ndjson) return insertLines(exchange, insertion, limits)
    await withBody(exchange, limits, async (body, reserve) => {
      const parsed = parser.parseBody(body, insertion.newId)
      if (parsed.kind === 'one') return insertOne(exchange, insertion, parsed.document)
      refuseNotObjects(parsed.notObjects)
      reserve(parsed.documents.length * bytesOfDocument)
      return insertMany(exchange, insertion, parsed.documents)
    })
  }
}

/** The address of a document. */
export const documentPath = (id: string): string => `/data/${encodeURIComponent(id)}`

async function insertOne(
  exchange: Exchange,
  { insert, applied }: Insertion,
  document: ParsedDocument,
): Promise<void> {
  const { id } = document
  const [outcome] = await insert([document])
  if (outcome === 'inserted') {
    const headers = ['Location', documentPath(id), ...applied]
    return sendJson(exchange, 201, { status: 'Data inserted', _id: textOf(id) }, headers)
  }
  if (outcome === 'ignored') {
    const headers = ['Content-Location', documentPath(id), ...applied]
    return sendJson(exchange, 200, { status: 'Data already there', _id: textOf(id) }, headers)
  }
  throw outcome?.error
}

function refuseNotObjects(indexes: readonly number[]): void {
  if (indexes.length === 0) return
  const errors = indexes
    .slice(0, shownErrors)
    .map((index) =>
      itemError({ index }, new Problem('not_an_object', 'An item must be a JSON object.')),
    )
  const items = indexes.slice(0, 10).join(', ') + (indexes.length > 10 ? ', ...' : '')
  const detail = `Nothing was inserted: no object at index ${items}.`
  throw new Problem('not_an_object', detail, { errors, pointer: `/${indexes[0]}` })
}

async function insertMany(
  exchange: Exchange,
  { insert, applied }: Insertion,
  documents: readonly ParsedDocument[],
): Promise<void> {
  const outcomes = await insert(documents)
  const errors: ItemError[] = []
  let inserted = 0
  const ids = documents.map(({ id }, index) => {
    const outcome = outcomes[index]
    if (outcome === 'inserted') inserted++
    if (outcome === 'inserted' || outcome === 'ignored') return textOf(id)
    errors.push(itemError({ index }, outcome?.error))
    return null
  })
  const body = { inserted, ids, errors }
  if (errors.length > 0 && errors.length === documents.length) throw nothingKept(errors, body)
  sendJson(exchange, errors.length > 0 ? 207 : inserted > 0 ? 201 : 200, body, applied)
}
