// Puts a document at an id: any that this service gives, and one that is there under an id of another program.
import { idAlone, withIdOf } from '../codec/bson-id.ts'
import type { Reserve } from '../codec/bson-writer.ts'
import { type DocumentId, foreignId } from '../codec/document-id.ts'
import type { DocumentParser } from '../codec/document-parser.ts'
import { JsonWriter } from '../codec/json-writer.ts'
import { Problem } from '../http/problem.ts'
import type { DocumentStore, Precondition, ReplaceResult } from '../store/document-store.ts'
import { fromStore, fromText } from './store-problem.ts'

export interface Put {
  readonly parser: DocumentParser
  readonly id: DocumentId
  readonly json: Uint8Array
  readonly condition: Precondition | undefined
  /** Told of memory that parsing takes. It may throw. */
  readonly reserve?: Reserve
}

export interface PutResult {
  readonly result: ReplaceResult
  /** As it is stored now. */
  readonly bson: Uint8Array
}

/**
 * Parses the JSON and stores it at the id. A body may repeat the _id, as the document is shown.
 * @throws Problem of the parser or of the store; `invalid_id` if nothing is there and this service gives
 * no such _id
 */
export async function putDocument(
  store: DocumentStore,
  { parser, id, json, condition, reserve }: Put,
): Promise<PutResult> {
  const foreign = foreignId(id)
  if (foreign === undefined) {
    const document = await fromText(parser.parseDocument(json, id, reserve))
    return { result: await fromStore(store.replace(document, condition)), bson: document.bson }
  }
  const absent = new Problem('invalid_id', foreign)
  const current = await fromStore(store.get(id))
  if (!current) {
    const isMet =
      typeof condition === 'function' ? await condition(undefined) : condition !== 'exists'
    if (!isMet) return { result: 'precondition failed', bson: json }
    throw absent
  }
  const parsed = await fromText(parser.parseDocument(json, id, reserve, shownId(current)))
  const bson = withIdOf(current, parsed.bson)
  const still =
    typeof condition === 'function'
      ? (now: Uint8Array | undefined) => now !== undefined && condition(now)
      : (condition ?? 'exists')
  const result = await fromStore(store.replace({ id, bson }, still))
  // Somebody removed it in between.
  if (result === 'precondition failed' && !condition) throw absent
  return { result, bson }
}

// The JSON of the _id as GET writes it.
function shownId(bson: Uint8Array): string {
  const writer = new JsonWriter(1024)
  writer.document(idAlone(bson))
  return writer.bytes.toString('utf8', '{"_id":'.length, writer.length - 1)
}
