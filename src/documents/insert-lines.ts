// POST /data with newline-delimited JSON: any number of documents in flat memory.
import { type BodyLimits, bodyChunks } from '../http/body.ts'
import { type Exchange, sendJson } from '../http/exchange.ts'
import { Problem, type ProblemDetails } from '../http/problem.ts'
import { DocumentParser, type ParsedDocument } from './document-parser.ts'
import type { Insertion } from './insertion.ts'
import { type ItemError, itemError, nothingKept, shownErrors } from './item-errors.ts'
import { LineTooLong, linesOf } from './ndjson.ts'

// While batches are stored the next is parsed; the store puts those that wait together.
const batchDocuments = 1000
const batchBytes = 128 * 1024
const batchesUnderWay = 3

interface LineDocument {
  readonly line: number
  readonly document: ParsedDocument
}

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
  insertion: Insertion,
  { maxBytes, budget, grace }: BodyLimits,
): Promise<void> {
  const parser = new DocumentParser()
  const tally: Tally = { inserted: 0, ignored: 0, failed: 0, errors: [] }
  const report = (line: number, error: unknown) => {
    tally.failed++
    if (tally.errors.length < shownErrors) tally.errors.push(itemError({ line }, error))
  }

  const underWay: Promise<void>[] = []
  let batch: LineDocument[] = []
  let bytes = 0
  const put = async () => {
    const stored = insertBatch(insertion, batch, tally, report)
    // Awaited later; until then its rejection must not count as unhandled.
    stored.catch(() => {})
    underWay.push(stored)
    batch = []
    bytes = 0
    if (underWay.length >= batchesUnderWay) await underWay.shift()
  }

  // Many uploads of one endless line each must not add up.
  const account = budget.open()
  let held = 0
  const onHeld = (now: number) => {
    account.add(now - held)
    held = now
  }

  try {
    const chunks = bodyChunks(exchange, account, grace)
    for await (const { number, bytes: text } of linesOf(chunks, maxBytes, onHeld)) {
      try {
        const document = parser.parseLine(text, number, insertion.newId)
        batch.push({ line: number, document })
        bytes += document.bson.length
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        report(number, error)
      }
      if (batch.length >= batchDocuments || bytes >= batchBytes) await put()
    }
    await put()
    await Promise.all(underWay)
  } catch (error) {
    await Promise.allSettled(underWay)
    throw withTally(error, maxBytes, tally)
  } finally {
    account.close()
  }
  answer(exchange, tally, insertion.applied)
}

async function insertBatch(
  { insert }: Insertion,
  batch: readonly LineDocument[],
  tally: Tally,
  report: (line: number, error: unknown) => void,
): Promise<void> {
  const outcomes = await insert(batch.map(({ document }) => document))
  let stop: unknown
  batch.forEach(({ line }, index) => {
    const outcome = outcomes[index]
    if (outcome === 'inserted') tally.inserted++
    else if (outcome === 'ignored') tally.ignored++
    else {
      report(line, outcome?.error)
      if (outcome?.storeFailed) stop = outcome.error
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
  const { code, message, details, headers, cause } = problem
  return new Problem(code, message, { ...details, ...counts(tally) }, headers, cause)
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
