// What a store of documents does; both adapters pass the same contract tests.
import type { DocumentId } from '../codec/document-id.ts'
import type { EncodedDocument } from '../codec/encoded-document.ts'
import { StoreError } from './store-error.ts'

/** What became of one document of an insert. */
export type InsertResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'duplicate' }
  | { readonly ok: false; readonly reason: 'refused'; readonly detail: string }
  | { readonly ok: false; readonly reason: 'failed'; readonly error: StoreError }

/**
 * A part of the collection, in the order of _id: strings by their bytes, then ObjectIds; those that
 * other programs gave have their places before, between and after them, as MongoDB sorts values.
 */
export interface Range {
  /** Begins behind this id. */
  readonly after?: DocumentId
  /** Ends with this id. */
  readonly through?: DocumentId
}

export interface Page {
  /** The last id of the page, undefined where the page is empty. */
  readonly last: DocumentId | undefined
  /** Whether there are documents behind it. */
  readonly more: boolean
}

/**
 * A condition on what is stored now: that there is such a document, that there is none, or a test of
 * its bytes (undefined: none), where true lets the write happen. A long look is a promise.
 */
export type Precondition =
  | 'exists'
  | 'absent'
  | ((current: Uint8Array | undefined) => boolean | Promise<boolean>)

/**
 * Bytes of a document and of what replaces it, where a test decides. MongoDB compares the old one while
 * it writes the new one, and a statement has no more room; another store keeps to it as well.
 */
export const maxComparedBytes = 16 * 1024 * 1024

/** @throws StoreError `refused` where the two are too large to be compared while they are written */
export function expectComparable(current: Uint8Array | undefined, next: Uint8Array): void {
  if (current === undefined || current.length + next.length <= maxComparedBytes) return
  const detail =
    'The old and the new document have over 16 MiB together: too large to be compared while the new one is written. Write it without a condition, or with If-Match: *.'
  throw new StoreError('refused', detail)
}

export type ReplaceResult = 'created' | 'replaced' | 'precondition failed'
export type RemoveResult = 'removed' | 'absent' | 'precondition failed'

/**
 * Every method but `close` rejects with a StoreError where the store cannot do it now, within its
 * own deadline. An acknowledged write is on disk.
 */
export interface DocumentStore {
  /** What keeps the documents, for people. */
  readonly name: 'SQLite' | 'MongoDB'
  /** Documents that wait to be written. */
  readonly waiting: number
  /** One result each, in order. Unordered: one that fails stops no other. Never rejects. */
  insert(documents: readonly EncodedDocument[]): Promise<InsertResult[]>
  get(id: DocumentId): Promise<Uint8Array | undefined>
  /**
   * Hands the document to `use`, undefined if there is none. Large documents are in memory one after the
   * other: others are not read until `use` has ended, so it must not wait for a client for long.
   */
  read<T>(id: DocumentId, use: (bson: Uint8Array | undefined) => T | Promise<T>): Promise<T>
  /** Those of these documents that are there, in any order; memory holds a batch at a time. */
  getMany(ids: readonly DocumentId[]): AsyncIterable<readonly Uint8Array[]>
  /** The documents in batches of BSON, oldest first; memory holds a batch at a time. */
  list(range?: Range): AsyncIterable<readonly Uint8Array[]>
  /**
   * At most `limit` documents that come before the id `before`, in the reverse of the list's order:
   * newest first. In batches too, so that a reader may stop when it has bytes enough.
   */
  newest(limit: number, before?: DocumentId): AsyncIterable<readonly Uint8Array[]>
  /** Where the page of at most `limit` documents behind `after` ends. */
  page(limit: number, after?: DocumentId): Promise<Page>
  replace(document: EncodedDocument, precondition?: Precondition): Promise<ReplaceResult>
  remove(id: DocumentId, precondition?: Precondition): Promise<RemoveResult>
  /** Claims (claim.ts), which no list shows and nobody removes. */
  readonly claims: Pick<DocumentStore, 'insert' | 'get'>
  /** Reads, and the first time behind each connect writes nothing: whether requests can do both. */
  ping(): Promise<void>
  /** How many documents it holds, for people, in a few milliseconds: `250`, `about 250`, `over 100000`. */
  count(): Promise<string>
  close(): Promise<void>
}
