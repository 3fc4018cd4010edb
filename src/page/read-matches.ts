// Reads one page of the documents that match a visitor's query.
import { textOfJson } from '../codec/document-text.ts'
import { countMatches, findDocuments } from '../documents/find.ts'
import { pageLimits } from '../documents/find-page.ts'
import { orStoreProblem } from '../documents/store-problem.ts'
import { nextPiece } from '../fair-turns.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Filter, Query } from '../query/filter.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { type DocumentPreview, previewDocument } from './document-preview.ts'
import { perPage, pieceBytes, shownBytes } from './newest.ts'

export interface MatchResults {
  readonly documents: readonly DocumentPreview[]
  /** The `after` of the next page, undefined on the last one. A page may be empty and have a next one. */
  readonly next: string | undefined
  /** How many match in all, for people: `250`, or `over 250` if an exact count takes too long. */
  readonly count: string
}

/** @throws Problem */
export async function readMatches(
  store: DocumentStore,
  { response }: Exchange,
  query: Query,
): Promise<MatchResults> {
  const { next, send } = await findDocuments(store, { ...query, limit: perPage })
  const documents: DocumentPreview[] = []
  let bytes = 0
  await orStoreProblem(
    send({
      get isGone() {
        return response.destroyed
      },
      async add(json, start, end, _held, id) {
        documents.push(
          await previewDocument(textOfJson(id(), json.subarray(start, end)), shownBytes),
        )
        bytes += end - start
        if (bytes < pieceBytes) return
        bytes = 0
        await nextPiece()
      },
      async flush() {},
    }),
  )
  return { documents, next, count: await countOf(store, query.filter, () => response.destroyed) }
}

async function countOf(store: DocumentStore, filter: Filter | undefined, isGone: () => boolean) {
  if (filter === undefined) return orStoreProblem(store.count())
  let isCut = false
  const count = await countMatches(store, filter, (scanned) => {
    isCut = scanned > pageLimits.scannedBytes
    return isCut || isGone()
  })
  return isCut ? `over ${count}` : String(count)
}
