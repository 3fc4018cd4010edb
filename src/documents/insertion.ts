// How a POST inserts: what its headers ask for where an _id is there already.
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { newObjectId } from '../store/document-id.ts'
import type { DocumentStore, InsertResult } from '../store/document-store.ts'
import type { NewId, ParsedDocument } from './document-parser.ts'
import { idempotencyKey, idsOfKey } from './idempotency-key.ts'
import { preference } from './prefer.ts'
import { repeatableInsert } from './repeatable-insert.ts'
import { insertProblem } from './store-problem.ts'

/** What became of a document. `ignored`: its _id was there, and the client prefers not to mind. */
export type Outcome =
  | 'inserted'
  | 'ignored'
  | {
      readonly error: unknown
      /** The store could not do it now, whatever the document is. */
      readonly storeFailed: boolean
    }

export interface Insertion {
  /** Gives an _id to a document that brings none. */
  readonly newId: NewId
  /** Header names and values in turn, for the answer. */
  readonly applied: readonly string[]
  /** One outcome each, in order. Never rejects. */
  insert(documents: readonly ParsedDocument[]): Promise<Outcome[]>
}

/**
 * Reads Prefer and Idempotency-Key.
 * @throws Problem `invalid_idempotency_key`
 */
export function insertionOf(exchange: Exchange, store: DocumentStore): Insertion {
  const { ignoreDuplicates, applied } = preference(exchange)
  const key = idempotencyKey(exchange)

  const outcome = (document: ParsedDocument, result: InsertResult | undefined): Outcome => {
    if (!result) return { error: new Error('the store gave no result'), storeFailed: false }
    if (result.ok) return 'inserted'
    if (result.reason === 'duplicate') {
      // Never ignored: the _id is one that this key gave, and the document sent now would be lost.
      if (key !== undefined && document.assigned) {
        return { error: reused(document.id), storeFailed: false }
      }
      if (ignoreDuplicates) return 'ignored'
    }
    return { error: insertProblem(document.id, result), storeFailed: result.reason === 'failed' }
  }

  return {
    newId: key === undefined ? newObjectId : idsOfKey(key),
    applied,
    async insert(documents) {
      const insert = key === undefined ? store.insert : repeatableInsert.bind(undefined, store)
      const results = await insert(documents)
      return documents.map((document, index) => outcome(document, results[index]))
    },
  }
}

const reused = (id: string) =>
  new Problem(
    'idempotency_key_reused',
    `The Idempotency-Key was used for another document, or that document has changed since: it has the _id ${JSON.stringify(id)}.`,
  )
