// POST /data with newline-delimited JSON: any number of documents in flat memory.
import type { DocumentParser } from '../codec/document-parser.ts'
import { isDocument, type ParsedDocument, type ParsedItem } from '../codec/parsed-item.ts'
import { type BodyLimits, bodyChunks, type TakeTurn } from '../http/body.ts'
import { type Exchange, sendJson } from '../http/exchange.ts'
import { Problem, type ProblemDetails } from '../http/problem.ts'
import type { InsertResult } from '../store/document-store.ts'
import { count, type Insertion, isStoreFailure } from './insertion.ts'
import { shownErrors, Tally } from './item-errors.ts'
import { LineTooLong, linesOf } from './ndjson.ts'

// While batches are stored the next is parsed; the store puts those that wait together.
const batchBytes = 256 * 1024
const batchesUnderWay = 3

/** Lines that are stored together, with those between them that cannot be. */
class Batch {
  documents: ParsedDocument[] = []
  lines: { readonly line: number; readonly item: ParsedItem }[] = []
  /** Faulty lines after those of `lines`, which no answer names. */
  unnamed = 0
  /** Memory that is counted until they are stored. */
  held = 0
}

/**
 * Inserts the lines of the body. One that cannot be kept is counted and reported by its number, and stops no other. A
 * database that goes away ends it with 503; the answer says how many documents were inserted by then.
 */
export async function insertLines(
  exchange: Exchange,
  parser: DocumentParser,
  insertion: Insertion,
  { maxBytes, budget, grace }: BodyLimits,
  takeTurn: TakeTurn,
): Promise<void> {
  const tally = new Tally()
  const account = budget.open()
  const underWay: { readonly batch: Batch; readonly results: Promise<InsertResult[]> }[] = []
  let batch = new Batch()
  // Faulty lines of batches that are not counted yet, all before the next line.
  let waitingFaults = 0

  const settle = (done: Batch, results: readonly InsertResult[]) => {
    let place = 0
    for (const { line, item } of done.lines) {
      if (!isDocument(item)) waitingFaults--
      count(tally, insertion, { line }, item, isDocument(item) ? results[place++] : undefined)
    }
    tally.failed += done.unnamed
    waitingFaults -= done.unnamed
    account.add(-done.held)
    const stop = results.findIndex(isStoreFailure)
    const document = done.documents[stop]
    if (document) throw insertion.failure(document, results[stop])
  }
  // In the order of the lines: the errors are in it too.
  const settleFirst = async () => {
    const first = underWay.shift()
    if (first) settle(first.batch, await first.results)
  }
  const put = () => {
    const { documents } = batch
    const results = documents.length > 0 ? insertion.insert(documents) : Promise.resolve([])
    underWay.push({ batch, results })
    batch = new Batch()
  }
  const settleAll = async () => {
    put()
    while (underWay.length > 0) await settleFirst()
  }

  const isShown = () => tally.failed + waitingFaults < shownErrors
  const parse = (text: Uint8Array, line: number) => {
    const reserve = (bytes: number) => {
      account.add(bytes)
      batch.held += bytes
    }
    return parser.parseLine(text, line, { newId: insertion.newId, isShown: isShown(), reserve })
  }
  const parseWithRoom = async (text: Uint8Array, line: number) => {
    try {
      return await parse(text, line)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // The room may be that of this request's own documents.
      await settleAll()
      return parse(text, line)
    }
  }

  // Many uploads of one endless line each must not add up.
  let held = 0
  const onHeld = (now: number) => {
    account.add(now - held)
    held = now
  }

  try {
    const chunks = bodyChunks(exchange, account, takeTurn, grace)
    for await (const { number, bytes } of linesOf(chunks, maxBytes, onHeld)) {
      const isUnread = !isShown() && isNoObject(bytes[0])
      const item = isUnread ? 'invalid_json' : await parseWithRoom(bytes, number)
      if (isDocument(item)) batch.documents.push(item)
      else waitingFaults++
      if (typeof item === 'string') batch.unnamed++
      else batch.lines.push({ line: number, item })
      if (batch.held < batchBytes) continue
      put()
      if (underWay.length >= batchesUnderWay) await settleFirst()
    }
    await settleAll()
  } catch (error) {
    // What is under way is done, and counts; of what waits only the faults do.
    batch.lines = batch.lines.filter(({ item }) => !isDocument(item))
    batch.documents = []
    put()
    while (underWay.length > 0) await settleFirst().catch(() => {})
    throw withTally(error, maxBytes, tally)
  } finally {
    account.close()
  }
  if (tally.isNothingKept) throw tally.nothingKept(counts(tally))
  sendJson(exchange, tally.status, counts(tally), insertion.applied)
}

// A line that begins with an ASCII character, which a byte order mark is not, other than { or white space. A fault that
// no answer shows is only counted: to parse each of 500,000 lines of `x` took 1.3 s.
const isNoObject = (first = 0) => first > 0x20 && first < 0x80 && first !== 0x7b

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
