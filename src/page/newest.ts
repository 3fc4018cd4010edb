// Reads one page of documents from the store, newest first, in bounded memory.
import { idFromPath } from '../codec/document-id.ts'
import { orStoreProblem } from '../documents/store-problem.ts'
import { nextPiece } from '../fair-turns.ts'
import type { Exchange } from '../http/exchange.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { type DocumentPreview, isAddressable, previewDocument } from './document-preview.ts'

/** Documents of a page. */
export const perPage = 20
// A page ends early after this many bytes: twenty documents of 16 MiB are too much to read for one page.
const bytesPerPage = 4 << 20
/** Bytes of JSON of each document: enough for most of them, and twenty of them stay a light page. */
export const shownBytes = 8000
/** Bytes of small documents that are hashed and written in one turn of the event loop: 1 ms. */
export const pieceBytes = 256 * 1024

export interface NewestPage {
  readonly documents: readonly DocumentPreview[]
  /** The id after which the next page begins: the last that has an address. Undefined on the last page. */
  readonly next: string | undefined
  /** The id after which this page begins, undefined on the first one. */
  readonly before: string | undefined
  /** How many documents there are in all, for people. */
  readonly count: string
}

/**
 * The page that the query's `before` names, or the first. The documents may have been counted `age` milliseconds ago.
 */
export async function newestPage(
  store: DocumentStore,
  { query }: Exchange,
  age = 0,
): Promise<NewestPage> {
  const given = query.get('before')
  const before = given ? idFromPath(given) : undefined
  return { ...(await pageBefore(store, before)), before, count: await countOf(store, age) }
}

const counts = new WeakMap<DocumentStore, Readonly<{ count: Promise<string>; at: number }>>()

// Those who ask within `age` share one count, also while it is under way.
function countOf(store: DocumentStore, age: number): Promise<string> {
  const known = counts.get(store)
  const at = performance.now()
  if (known && at - known.at < age) return known.count
  const count = orStoreProblem(store.count())
  counts.set(store, { count, at })
  count.catch(() => counts.delete(store))
  return count
}

async function pageBefore(store: DocumentStore, before: string | undefined) {
  const documents: DocumentPreview[] = []
  let bytes = 0
  let pausedAt = 0
  const batches = store.newest(perPage + 1, before)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const batch = await orStoreProblem(batches.next())
      if (batch.done) return { documents, next: undefined }
      for (const text of batch.value) {
        if (documents.length === perPage || bytes > bytesPerPage) {
          return { documents, next: documents.findLast(isAddressable)?.id }
        }
        documents.push(await previewDocument(text, shownBytes))
        bytes += text.size
        if (bytes - pausedAt >= pieceBytes) {
          await nextPiece()
          pausedAt = bytes
        }
      }
    }
  } finally {
    await batches.return?.()
  }
}
