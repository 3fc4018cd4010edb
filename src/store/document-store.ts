// What a store of documents does: BSON in, JSON out. Both adapters pass the same contract tests.
import type { DocumentId } from '../codec/document-id.ts'
import type { DocumentText } from '../codec/document-text.ts'
import type { EncodedDocument } from '../codec/encoded-document.ts'
import type { Filter, SortStep } from '../query/filter.ts'
import type { IndexStatus } from '../query/indexes.ts'
import type { Candidates, Search } from './search.ts'
import { StoreError } from './store-error.ts'

/** What became of one document of an insert. */
export type InsertResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'duplicate' }
  | { readonly ok: false; readonly reason: 'duplicate value'; readonly path: readonly string[] }
  | { readonly ok: false; readonly reason: 'refused'; readonly detail: string }
  | { readonly ok: false; readonly reason: 'failed'; readonly error: StoreError }

/** The result of a document that the store could not insert. */
export const failedInsert = (error: StoreError) => ({ ok: false, reason: 'failed', error }) as const

/** Whether its _id was there already. */
export const isDuplicate = (result: InsertResult | undefined): boolean =>
  result?.ok === false && result.reason === 'duplicate'

/**
 * A part of the collection, in the order of _id: strings by their bytes, then ObjectIds; those of other programs have
 * their places before, between and after them, as MongoDB sorts values.
 */
export interface Range {
  /** Begins after this id. */
  readonly after?: DocumentId | undefined
  /** Ends with this id. */
  readonly through?: DocumentId | undefined
}

/** A piece of a list: whole documents, or a part of a large one. */
export interface ListPiece {
  /** Canonical JSON, valid until the next piece is read. */
  readonly bytes: Buffer
  /** Where documents end in it. A piece that ends elsewhere ends within a large one, which goes on in the next. */
  readonly ends: readonly number[]
  /** Bytes that the store holds beside the piece until the next is read. */
  readonly held: number
  /** Whether nothing comes after it. If not, there may still be nothing. */
  readonly isLast: boolean
}

/**
 * A condition on what is stored now: that there is a document, that there is none, or a test of it (undefined: there is
 * none), which allows the write by returning true.
 */
export type Precondition =
  | 'exists'
  | 'absent'
  | ((current: DocumentText | undefined) => boolean | Promise<boolean>)

// Bytes of a document and of what replaces it, if a test decides: a statement of MongoDB, which compares the old one
// while it writes the new one, has no more room. Every store keeps to that.
const maxComparedBytes = 16 * 1024 * 1024

/** @throws StoreError `refused` if the two are too large to be compared */
export function expectComparable(current: number | undefined, next: number): void {
  if (current === undefined || current + next <= maxComparedBytes) return
  const detail =
    'The old and the new document have over 16 MiB together: too large to be compared while the new one is written. Write it without a condition, or with If-Match: *.'
  throw new StoreError('refused', detail)
}

/** A document that is to be changed, as the store has it. */
interface Current {
  readonly text: DocumentText
  /** Its BSON: on MongoDB the stored bytes, with the types that other programs gave its members. */
  bson(): Uint8Array | Promise<Uint8Array>
}

/** Makes what replaces a document; undefined: it stays. Called again if somebody writes meanwhile; never rejects. */
export type Change = (current: Current) => Promise<Uint8Array | undefined>

/**
 * Every method but `close` rejects with a StoreError if the store cannot do it now, within its own deadline. An
 * acknowledged write is on disk.
 */
export interface DocumentStore {
  /** What keeps the documents, for people. */
  readonly name: 'SQLite' | 'MongoDB'
  /** The indexes that the setting names. */
  readonly indexes: readonly IndexStatus[]
  /** Documents that wait to be written. */
  readonly waiting: number
  /** When the last verified backup was made, in ms since the epoch, as the last ping found it. */
  readonly backedUp?: number | undefined
  /** One result each, in order. Unordered: one that fails does not stop the others. Never rejects. */
  insert(documents: readonly EncodedDocument[]): Promise<InsertResult[]>
  get(id: DocumentId): Promise<DocumentText | undefined>
  /**
   * Hands the document to `use`, undefined if there is none. Large ones are in memory one after the other: `use` must
   * not wait for a client for long. One for which `expectReader` throws in its turn is not read.
   */
  read<T>(
    id: DocumentId,
    use: (text: DocumentText | undefined) => T | Promise<T>,
    expectReader?: () => void,
  ): Promise<T>
  /** Those of these documents that are there, in any order, in batches. */
  getMany(ids: readonly DocumentId[]): AsyncIterable<readonly DocumentText[]>
  /**
   * The documents in pieces of a bounded size, oldest first. `between`, ASCII, is put between two documents of a piece,
   * not between pieces.
   */
  list(range?: Range, between?: string): AsyncIterable<ListPiece>
  /**
   * At most `limit` documents before the id `before`, newest first: the reverse of the list's order. A reader may stop
   * once it has enough bytes.
   */
  newest(limit: number, before?: DocumentId): AsyncIterable<readonly DocumentText[]>
  /** The documents that may satisfy the search, in batches of a bounded size, or a large one alone. */
  find(search: Search): AsyncIterable<Candidates>
  /** Whether the store keeps its documents in this order, and can give all of them in it. */
  isOrdered(sort: readonly SortStep[]): boolean
  /** How many satisfy the filter; undefined if the store cannot tell without reading them. */
  countOf(filter: Filter | undefined): Promise<number | undefined>
  /** The last id of the page of at most `limit` documents after `after`, if it has any, and whether more follow. */
  page(limit: number, after?: DocumentId): Promise<{ last: DocumentId | undefined; more: boolean }>
  replace(
    document: EncodedDocument,
    precondition?: Precondition,
  ): Promise<'created' | 'replaced' | 'precondition failed'>
  /** Replaces the document by what `change` makes of it, with no write in between. False if there is none. */
  change(id: DocumentId, change: Change): Promise<boolean>
  remove(
    id: DocumentId,
    precondition?: Precondition,
  ): Promise<'removed' | 'absent' | 'precondition failed'>
  /** claim.ts: no list shows them and nobody removes them. */
  readonly claims: Pick<DocumentStore, 'insert' | 'get'>
  /** Whether requests can read and, asked once after each connect, write. */
  ping(): Promise<void>
  /** How many documents it holds, for people, in some ms: `250`, `about 250`, `over 100000`. */
  count(): Promise<string>
  close(): Promise<void>
}
