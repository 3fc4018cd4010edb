// POST /data: one document, an array of them, or a stream of lines.
import { idText } from '../codec/document-id.ts'
import { DocumentParser } from '../codec/document-parser.ts'
import { isDocument, type ParsedDocument, type ParsedItem } from '../codec/parsed-item.ts'
import { nextPiece } from '../fair-turns.ts'
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import { type Exchange, sendJson } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import type { DocumentStore, InsertResult } from '../store/document-store.ts'
import { insertLines } from './insert-lines.ts'
import { count, createInsertions, type Insertion, isStoreFailure } from './insertion.ts'
import { shownErrors, Tally } from './item-errors.ts'
import { ndjson } from './ndjson.ts'
import { textProblem } from './store-problem.ts'
import { createUploadTurns } from './upload-turns.ts'

/** Makes the handler. It takes `application/json` and `application/x-ndjson`. */
export function insertHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()
  const insertionOf = createInsertions(store)
  const turnsOf = createUploadTurns()
  return async (exchange: Exchange): Promise<void> => {
    const type = bodyType(exchange, ['application/json', ndjson])
    const insertion = insertionOf(exchange)
    if (type === ndjson) return insertLines(exchange, parser, insertion, limits, turnsOf())
    try {
      await withBody(exchange, limits, async (body, reserve) => {
        const options = { newId: insertion.newId, shown: shownErrors, reserve }
        const parsed = await parser.parseBody(body, options)
        if (parsed.kind === 'one') return insertOne(exchange, insertion, parsed.document)
        return insertMany(exchange, insertion, parsed.items)
      })
    } catch (error) {
      throw insertError(error)
    }
  }
}

// An array of any size goes in as lines; docs/api.md says the same.
const split = `An array goes in as NDJSON, one document per line, of any length: jq -c '.[]' array.json | curl --data-binary @- -H 'Content-Type: application/x-ndjson' URL; in PowerShell: Get-Content -Raw array.json | ConvertFrom-Json | ForEach-Object { ConvertTo-Json $_ -Compress -Depth 100 } | Set-Content -Encoding utf8 lines.ndjson; Invoke-RestMethod -Method Post -InFile lines.ndjson -ContentType application/x-ndjson -Uri URL`

function insertError(thrown: unknown): unknown {
  const error = textProblem(thrown)
  if (!(error instanceof Problem) || error.code !== 'body_too_large') return error
  const { code, message, details, headers, cause } = error
  return new Problem(code, `${message} ${split}`, details, headers, cause)
}

/** The address of a document. */
export const documentPath = (id: string): string => `/data/${encodeURIComponent(id)}`

async function insertOne(
  exchange: Exchange,
  { insert, idOf, outcome, failure, applied }: Insertion,
  document: ParsedDocument,
): Promise<void> {
  const [result] = await insert([document])
  const id = idOf(document)
  const became = outcome(document, result)
  if (became === 'failed') throw failure(document, result)
  const isNew = became === 'inserted'
  const body = { status: isNew ? 'Data inserted' : 'Data already there', _id: idText(id) }
  const place = isNew ? 'Location' : 'Content-Location'
  sendJson(exchange, isNew ? 201 : 200, body, { [place]: documentPath(id), ...applied })
}

// As many as one batch of the store: more would only make longer turns.
const batchDocuments = 1000

async function insertMany(
  exchange: Exchange,
  insertion: Insertion,
  items: readonly ParsedItem[],
): Promise<void> {
  const tally = new Tally()
  const ids: (string | null)[] = []
  let stopped: InsertResult | undefined
  for (let from = 0; from < items.length; from += batchDocuments) {
    const batch = items.slice(from, from + batchDocuments)
    const documents = batch.filter(isDocument)
    // A store that is away has had its chance: the rest is not tried.
    const results = stopped ? documents.map(() => stopped) : await insertion.insert(documents)
    stopped ??= results.find(isStoreFailure)
    let place = 0
    for (const item of batch) {
      const result = isDocument(item) ? results[place++] : undefined
      ids.push(count(tally, insertion, { index: ids.length }, item, result))
    }
    if (from > 0) await nextPiece()
  }
  const body = { inserted: tally.inserted, failed: tally.failed, ids, errors: tally.errors }
  if (tally.isNothingKept) throw tally.nothingKept(body)
  sendJson(exchange, tally.status, body, insertion.applied)
}
