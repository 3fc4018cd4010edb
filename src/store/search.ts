// What is asked of a store for a query: candidates, on which the evaluator decides.
import type { DocumentId } from '../codec/document-id.ts'
import type { Filter, SortStep } from '../query/filter.ts'

/** The id of a place that is the beginning of a sort key: no document has it. */
export const beginning: DocumentId = ''

/** A place in the order of a sort: after this sort key and _id, or at the beginning of a key. */
export interface SortPosition {
  readonly sortKey: Buffer
  readonly id: DocumentId
}

export interface Search {
  /** Undefined: all documents. */
  readonly filter: Filter | undefined
  /** Empty: by _id. */
  readonly sort: readonly SortStep[]
  /** Without a sort: only those after this _id. */
  readonly after?: DocumentId | undefined
  /** Without a sort: only those up to this _id. */
  readonly through?: DocumentId | undefined
  /** With a sort: only those after this place. */
  readonly place?: SortPosition | undefined
  /** About how many are wanted. */
  readonly limit?: number | undefined
}

/** All later documents sort after this: a whole key with its _id, or the beginning of one. */
export interface Bound {
  readonly key: Buffer
  readonly id: DocumentId | undefined
}

/** All documents that satisfy the search come once at least, and others may. */
export interface Candidates {
  /** Canonical JSON, one document after the other, valid until the next batch is read. */
  readonly json: Buffer
  /** Where each document ends. */
  readonly ends: readonly number[]
  /** The _id of the one at this place. */
  readonly id: (index: number) => DocumentId
  /** With a sort: all that come in later batches sort after this. */
  readonly bound?: Bound | undefined
  /**
   * With a sort: in its order, but for those that a server has too early (Evaluator.isPartial). Without one: in that of
   * their _ids.
   */
  readonly isSorted?: boolean
}
