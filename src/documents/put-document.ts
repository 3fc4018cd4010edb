// Puts a document at an id: any that this service gives, or another program's that is there.
import type { Reserve } from '../codec/bson-writer.ts'
import { type DocumentId, foreignId } from '../codec/document-id.ts'
import type { DocumentParser } from '../codec/document-parser.ts'
import type { DocumentText } from '../codec/document-text.ts'
import type { EncodedDocument } from '../codec/encoded-document.ts'
import { Problem } from '../http/problem.ts'
import type { DocumentStore, Precondition } from '../store/document-store.ts'
import { isMet } from './conditions.ts'
import { orStoreProblem, orTextProblem } from './store-problem.ts'

interface Put {
  readonly parser: DocumentParser
  readonly id: DocumentId
  readonly json: Uint8Array
  readonly condition: Precondition | undefined
  /** Told of memory that parsing takes. It may throw. */
  readonly reserve?: Reserve
}

type PutResult =
  | { readonly result: 'precondition failed'; readonly document?: EncodedDocument }
  | { readonly result: 'created' | 'replaced'; readonly document: EncodedDocument }

/**
 * Parses the JSON and stores it at the id. A body may repeat the _id, as the document is shown.
 * @throws Problem of the parser or of the store; `invalid_id` if nothing is there and this service gives no such _id
 */
export async function putDocument(
  store: DocumentStore,
  { parser, id, json, condition, reserve }: Put,
): Promise<PutResult> {
  const foreign = foreignId(id)
  if (foreign === undefined) {
    const document = await orTextProblem(parser.parseDocument(json, id, reserve))
    return { result: await orStoreProblem(store.replace(document, condition)), document }
  }
  const absent = new Problem('invalid_id', foreign)
  const current = await orStoreProblem(store.get(id))
  if (!current) {
    if (!(await isMet(condition, undefined))) return { result: 'precondition failed' }
    throw absent
  }
  // The stored id: the address may be that of a number of another type.
  const document = await orTextProblem(parser.parseDocument(json, current.id, reserve))
  const still =
    typeof condition === 'function'
      ? (now: DocumentText | undefined) => now !== undefined && condition(now)
      : (condition ?? 'exists')
  const result = await orStoreProblem(store.replace(document, still))
  // It was removed in between.
  if (result === 'precondition failed' && !condition) throw absent
  return { result, document }
}
