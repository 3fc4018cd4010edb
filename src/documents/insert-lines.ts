// POST /data with newline-delimited JSON: any number of documents in flat memory.
import { bodyChunks } from '../http/body.ts'
import { type Exchange, sendJson } from '../http/exchange.ts'
import { Problem, type ProblemDetails } from '../http/problem.ts'
import type { DocumentStore, EncodedDocument } from '../store/document-store.ts'
import { DocumentParser } from './document-parser.ts'
import { type ItemError, itemError, nothingKept } from './item-errors.ts'
import { LineTooLong, linesOf } from './ndjson.ts'
import { preference } from './prefer.ts'
import { insertProblem } from './store-problem.ts'

// One batch is stored while the next is parsed, so memory holds two of these.
const batchDocuments = 1000
const batchBytes = 1 << 20
const shownErrors = 100

interface Tally {
  inserted: number
  ignored: number
  failed: number
  readonly errors: ItemError[]
}

/**
 * Inserts the lines of the body. A line that cannot be kept is counted and reported by its number,
 * and stops no other. A database that goes away ends it with 503; the answer says how many
 * documents were inserted by then.
 */
export async function insertLines(
  exchange: Exchange,
  store: DocumentStore,
  maxLineBytes: number,
): Promise<void> {
  const { ignoreDuplicates, applied } = preference(exchange)
  const parser = new DocumentParser()
  const tally: Tally = { inserted: 0, ignored: 0, failed: 0, errors: [] }
  const report = (line: number, error: unknown) => {
    tally.failed++
    if (tally.errors.length < shownErrors) tally.errors.push(itemError({ line }, error))
  }

  let batch: { line: number; document: EncodedDocument }[] = []
  let bytes = 0
  let stored: Promise<void> = Promise.resolve()
  const put = async () => {
    const full = batch
    batch = []
    bytes = 0
    await stored
    stored = insertBatch(store, full, ignoreDuplicates, tally, report)
    // Awaited with the next batch; until then its rejection must not count as unhandled.
    stored.catch(() => {})
  }

  try {
    for await (const { number, bytes: text } of linesOf(bodyChunks(exchange), maxLineBytes)) {
      try {
        const document = parser.parseLine(text, number)
        batch.push({ line: number, document })
        bytes += document.bson.length
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        report(number, error)
      }
      if (batch.length >= batchDocuments || bytes >= batchBytes) await put()
    }
    await put()
    await stored
  } catch (error) {
    await stored.catch(() => {})
    throw withTally(error, maxLineBytes, tally)
  }
  answer(exchange, tally, applied)
}

async function insertBatch(
  store: DocumentStore,
  batch: readonly { line: number; document: EncodedDocument }[],
  ignoreDuplicates: boolean,
  tally: Tally,
  report: (line: number, error: unknown) => void,
): Promise<void> {
  const results = await store.insert(batch.map(({ document }) => document))
  let stop: unknown
  batch.forEach(({ line, document }, index) => {
    const result = results[index]
    if (result?.ok) tally.inserted++
    else if (result?.reason === 'duplicate' && ignoreDuplicates) tally.ignored++
    else {
      const error = result && insertProblem(document.id, result)
      report(line, error)
      if (result?.reason === 'failed') stop = error
    }
  })
  if (stop) throw stop
}

function withTally(error: unknown, maxLineBytes: number, tally: Tally): unknown {
  const problem =
    error instanceof LineTooLong
      ? new Problem('body_too_large', `Line ${error.line} has over ${maxLineBytes} bytes.`)
      : error
  if (!(problem instanceof Problem)) return error
  const { code, message, details, headers } = problem
  return new Problem(code, message, { ...details, ...counts(tally) }, headers)
}

const counts = ({ inserted, failed, errors }: Tally): ProblemDetails => ({
  inserted,
  failed,
  errors,
})

function answer(exchange: Exchange, tally: Tally, applied: readonly string[]): void {
  const { inserted, ignored, failed, errors } = tally
  if (failed > 0 && inserted + ignored === 0) throw nothingKept(errors, counts(tally))
  sendJson(exchange, failed > 0 ? 207 : inserted > 0 ? 201 : 200, counts(tally), applied)
}
