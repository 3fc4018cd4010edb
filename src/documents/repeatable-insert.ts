// Inserts documents of a request that may be a repetition: what is stored as it was sent counts.
import type { DocumentId } from '../codec/document-id.ts'
import { type DocumentText, textOfBson } from '../codec/document-text.ts'
import type { EncodedDocument } from '../codec/encoded-document.ts'
import {
  type DocumentStore,
  failedInsert,
  type InsertResult,
  isDuplicate,
} from '../store/document-store.ts'
import { StoreError } from '../store/store-error.ts'
import { tagDocument } from './etag.ts'

// How often documents are compared: somebody may remove one, and insert it once more, in between.
const attempts = 4

/**
 * Inserts the documents. One that is stored already with the same JSON has the result of the first time. One result
 * each, in order. Never rejects.
 */
export async function insertRepeatably(
  store: DocumentStore,
  documents: readonly EncodedDocument[],
): Promise<InsertResult[]> {
  const results = await store.insert(documents)
  let open: Placed[] = documents
    .entries()
    .filter(([place]) => isDuplicate(results[place]))
    .toArray()
  for (let attempt = 1; open.length > 0; attempt++) {
    const gone = await compare(store, open, results)
    if (gone.length === 0) break
    if (attempt === attempts) {
      for (const [place] of gone) results[place] = unsteady
      break
    }
    const again = await store.insert(gone.map(([, document]) => document))
    for (const [index, [place]] of gone.entries()) results[place] = again[index] ?? unsteady
    open = gone.filter(([place]) => isDuplicate(results[place]))
  }
  return results
}

/** A document and its place in the request. */
type Placed = readonly [number, EncodedDocument]

/** Settles those that are stored, and returns the others. */
async function compare(
  store: DocumentStore,
  open: readonly Placed[],
  results: InsertResult[],
): Promise<Placed[]> {
  // Two documents of a request may have the same _id of the client's own.
  const waiting = Map.groupBy(open, ([, { id }]) => id)
  try {
    for await (const batch of fetchStored(store, [...waiting.keys()])) {
      for (const stored of batch) {
        for (const [place, document] of waiting.get(stored.id) ?? []) {
          if (await isStoredAsSent(stored, document)) results[place] = { ok: true }
        }
        waiting.delete(stored.id)
      }
    }
    return [...waiting.values()].flat()
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    for (const [place] of [...waiting.values()].flat()) results[place] = failedInsert(error)
    return []
  }
}

/** Whether both have the same JSON, as texts: an export and an import have only its types of numbers. */
export async function isStoredAsSent(
  stored: DocumentText,
  sent: EncodedDocument,
): Promise<boolean> {
  return (await tagDocument(stored)).etag === (await tagDocument(textOfBson(sent))).etag
}

/**
 * Those of these documents that are there. One alone is fetched together with those of other requests: when a
 * database returns, many clients repeat one document each.
 */
export async function* fetchStored(
  store: DocumentStore,
  ids: readonly DocumentId[],
): AsyncGenerator<readonly DocumentText[]> {
  const [first, second] = ids
  if (first === undefined || second !== undefined) return yield* store.getMany(ids)
  const stored = await store.get(first)
  if (stored) yield [stored]
}

const unsteady = failedInsert(
  new StoreError('unavailable', 'The document is being written and removed all the time.'),
)
