// QUERY /data: a query that does not fit into an address, with and, or and not (RFC 10008).
import { DocumentParser } from '../codec/document-parser.ts'
import { Refusal } from '../codec/refusal.ts'
import { type BodyLimits, bodyType, withBody } from '../http/body.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { maxQueryBytes, parseQueryBody } from '../query/query-body.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { sendList } from './list.ts'
import { textProblem, tryText } from './store-problem.ts'

/** Makes the handler. The place of the next page stands in the address: the same body goes there. */
export function queryHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()
  const most = { ...limits, maxBytes: Math.min(limits.maxBytes, maxQueryBytes) }
  return async (exchange: Exchange): Promise<void> => {
    bodyType(exchange, ['application/json'])
    const query = await withBody(exchange, most, async (body, reserve) => {
      await expectJson(parser, body, reserve)
      return tryText(() => parseQueryBody(utf8.decode(body)))
    })
    const after = exchange.query.get('after') ?? query.after
    const address = (next: string) => `/data?after=${encodeURIComponent(next)}`
    await sendList(store, exchange, { ...query, after }, address)
  }
}

// Without a byte order mark, which PowerShell puts before a file.
const utf8 = new TextDecoder()

// Finds the place of a fault: JSON.parse would accept a key that comes twice.
async function expectJson(
  parser: DocumentParser,
  body: Uint8Array,
  reserve: (bytes: number) => void,
): Promise<void> {
  try {
    await parser.parseValue(body, reserve)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'invalid_json') throw textProblem(error)
    if (error.code === 'invalid_utf8') throw textProblem(error)
    throw new Problem('invalid_query', error.message, error.details)
  }
}
