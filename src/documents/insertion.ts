// How a POST inserts: what its headers ask for if an _id exists already.
import { type DocumentId, idText, newObjectId } from '../codec/document-id.ts'
import { isDocument, type ParsedDocument, type ParsedItem } from '../codec/parsed-item.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { quoted } from '../shown-text.ts'
import {
  type DocumentStore,
  failedInsert,
  type InsertResult,
  isDuplicate,
} from '../store/document-store.ts'
import { StoreError } from '../store/store-error.ts'
import { idempotencyKey } from './idempotency-key.ts'
import type { Tally } from './item-errors.ts'
import { idOfPlace, type KeyedDocument, keyDocuments } from './keyed-documents.ts'
import { duplicatesIgnored, ignoresDuplicates } from './prefer.ts'
import { insertRepeatably } from './repeatable-insert.ts'
import { insertProblem, textProblem } from './store-problem.ts'

/** Makes the function that reads Prefer and Idempotency-Key of a request. @throws Problem `invalid_idempotency_key` */
export function createInsertions(store: DocumentStore): (exchange: Exchange) => Insertion {
  // Shared by requests without a key: made for each, they took 700 bytes of a POST.
  const plain = insertionOf(store, false)
  const ignoring = insertionOf(store, true)
  return (exchange) => {
    const ignoreDuplicates = ignoresDuplicates(exchange)
    const key = idempotencyKey(exchange)
    if (key !== undefined) return insertionOf(store, ignoreDuplicates, key)
    return ignoreDuplicates ? ignoring : plain
  }
}

function insertionOf(store: DocumentStore, ignoreDuplicates: boolean, key?: string) {
  // Never ignored: this key gave the _id, and the document sent now would be lost.
  const isReused = ({ assigned }: ParsedDocument) => key !== undefined && assigned

  const keyed = key === undefined ? undefined : new WeakMap<ParsedDocument, DocumentId>()
  const idOf = (document: ParsedDocument) => keyed?.get(document) ?? document.id

  const insertUnder = async (idempotencyKey: string, documents: readonly ParsedDocument[]) => {
    const known = await keyDocuments(store, idempotencyKey, documents.filter(isAssigned))
    let place = 0
    const all = documents.map((document): KeyedDocument => {
      const own = isAssigned(document) ? known[place++] : undefined
      if (own) keyed?.set(document, own.id)
      return own ?? document
    })
    const results = await insertRepeatably(
      store,
      all.filter(({ settled }) => !settled),
    )
    let next = 0
    return all.map(({ settled }) => settled ?? results[next++] ?? noResult)
  }

  return {
    /** Gives an _id to a document without one. */
    newId: key === undefined ? newObjectId : idOfPlace,
    applied: ignoreDuplicates ? duplicatesIgnored : {},
    /** The _id that a document has; under an Idempotency-Key only once it is inserted. */
    idOf,
    insert: (documents: readonly ParsedDocument[]): Promise<InsertResult[]> =>
      key === undefined
        ? store.insert(documents)
        : insertUnder(key, documents).catch((error: unknown) => {
            if (!(error instanceof StoreError)) throw error
            return documents.map(() => failedInsert(error))
          }),
    /** `ignored`: its _id was there, and the client prefers to ignore that. */
    outcome(
      document: ParsedDocument,
      result: InsertResult | undefined,
    ): 'inserted' | 'ignored' | 'failed' {
      if (result?.ok) return 'inserted'
      const isIgnored = ignoreDuplicates && isDuplicate(result) && !isReused(document)
      return isIgnored ? 'ignored' : 'failed'
    },
    /** Why it failed: a Problem, or our own fault as it is. Made when it is shown: an error costs 1 kB. */
    failure(document: ParsedDocument, result: InsertResult | undefined): unknown {
      if (!result || result.ok) return new Error('the store gave no result')
      if (isDuplicate(result) && isReused(document)) return reused(idOf(document))
      return insertProblem(idOf(document), result)
    },
  }
}

export type Insertion = ReturnType<typeof insertionOf>

const isAssigned = ({ assigned }: ParsedDocument) => assigned

const noResult = failedInsert(new StoreError('failed', 'The store gave no result.'))

/** Whether the store failed, whatever the document is. */
export const isStoreFailure = (result: InsertResult | undefined): boolean =>
  result?.ok === false && result.reason === 'failed'

/** Counts what became of an item; `place` is its index or line. Returns the _id of one that is kept, else null. */
export function count(
  tally: Tally,
  { outcome, failure, idOf }: Insertion,
  place: Readonly<Record<string, number>>,
  item: ParsedItem,
  result: InsertResult | undefined,
): string | null {
  if (!isDocument(item)) {
    tally.fail(place, () => textProblem(item))
    return null
  }
  const became = outcome(item, result)
  if (became === 'failed') {
    tally.fail(place, () => failure(item, result), isStoreFailure(result))
    return null
  }
  tally[became]++
  return idText(idOf(item))
}

const reused = (id: string) =>
  new Problem(
    'idempotency_key_reused',
    `The Idempotency-Key was used for another document, or that document has changed since: it has the _id ${quoted(id)}.`,
  )
