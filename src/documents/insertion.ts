// How a POST inserts: what its headers ask for if an _id exists already.
import { type DocumentId, idText, newObjectId } from '../codec/document-id.ts'
import {
  isDocument,
  type NewId,
  type ParsedDocument,
  type ParsedItem,
} from '../codec/parsed-item.ts'
import type { Exchange } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import type { AnswerHeaders } from '../http/security-headers.ts'
import { quoted } from '../shown-text.ts'
import type { DocumentStore, InsertResult } from '../store/document-store.ts'
import { StoreError } from '../store/store-error.ts'
import { idempotencyKey } from './idempotency-key.ts'
import type { Tally } from './item-errors.ts'
import { idOfPlace, type KeyedDocument, keyDocuments } from './keyed-documents.ts'
import { duplicatesIgnored, noPreference, type Preference, preferenceOf } from './prefer.ts'
import { insertRepeatably } from './repeatable-insert.ts'
import { insertProblem, textProblem } from './store-problem.ts'

/** What became of a document. `ignored`: its _id was there, and the client prefers to ignore that. */
type Outcome = 'inserted' | 'ignored' | 'failed'

export interface Insertion {
  /** Gives an _id to a document without one. */
  readonly newId: NewId
  /** Header names and values in turn, for the answer. */
  readonly applied: AnswerHeaders
  /** The _id that a document has; under an Idempotency-Key only once it is inserted. */
  idOf(document: ParsedDocument): DocumentId
  /** One result each, in order. Never rejects. */
  insert(documents: readonly ParsedDocument[]): Promise<InsertResult[]>
  outcome(document: ParsedDocument, result: InsertResult | undefined): Outcome
  /** Why it failed: a Problem, or our own fault as it is. Made when it is shown: an error costs 1 kB. */
  failure(document: ParsedDocument, result: InsertResult | undefined): unknown
}

/**
 * Makes the function that reads Prefer and Idempotency-Key of a request.
 * @throws Problem `invalid_idempotency_key`
 */
export function createInsertions(store: DocumentStore): (exchange: Exchange) => Insertion {
  // Shared by every request without a key: made for each, they took 700 bytes of a POST.
  const plain = insertionOf(store, noPreference)
  const ignoring = insertionOf(store, duplicatesIgnored)
  return (exchange) => {
    const preference = preferenceOf(exchange)
    const key = idempotencyKey(exchange)
    if (key !== undefined) return insertionOf(store, preference, key)
    return preference.ignoreDuplicates ? ignoring : plain
  }
}

function insertionOf(
  store: DocumentStore,
  { ignoreDuplicates, applied }: Preference,
  key?: string,
): Insertion {
  // Never ignored: the _id is one that this key gave, and the document sent now would be lost.
  const isReused = ({ assigned }: ParsedDocument) => key !== undefined && assigned

  const keyed = key === undefined ? undefined : new WeakMap<ParsedDocument, DocumentId>()
  const idOf = (document: ParsedDocument) => keyed?.get(document) ?? document.id

  const insertUnder = async (idempotencyKey: string, documents: readonly ParsedDocument[]) => {
    const assigned = documents.filter(isAssigned)
    const known = await keyDocuments(store, idempotencyKey, assigned)
    assigned.forEach((document, index) => {
      keyed?.set(document, known[index]?.id ?? document.id)
    })
    let place = 0
    const all = documents.map(
      (document): KeyedDocument => (isAssigned(document) ? (known[place++] ?? document) : document),
    )
    const results = await insertRepeatably(
      store,
      all.filter(({ settled }) => !settled),
    )
    let next = 0
    return all.map(({ settled }) => settled ?? results[next++] ?? noResult)
  }

  return {
    newId: key === undefined ? newObjectId : idOfPlace,
    applied,
    idOf,
    insert: (documents) =>
      key === undefined
        ? store.insert(documents)
        : insertUnder(key, documents).catch((error: unknown) => {
            if (!(error instanceof StoreError)) throw error
            return documents.map((): InsertResult => ({ ok: false, reason: 'failed', error }))
          }),
    outcome(document, result) {
      if (result?.ok) return 'inserted'
      const isIgnored = ignoreDuplicates && isDuplicate(result) && !isReused(document)
      return isIgnored ? 'ignored' : 'failed'
    },
    failure(document, result) {
      if (!result || result.ok) return new Error('the store gave no result')
      if (isDuplicate(result) && isReused(document)) return reused(idOf(document))
      return insertProblem(idOf(document), result)
    },
  }
}

const isAssigned = ({ assigned }: ParsedDocument) => assigned

const noResult: InsertResult = {
  ok: false,
  reason: 'failed',
  error: new StoreError('failed', 'The store gave no result.'),
}

const isDuplicate = (result: InsertResult | undefined) =>
  result !== undefined && !result.ok && result.reason === 'duplicate'

/** Whether the store failed, whatever the document is. */
export const isStoreFailure = (result: InsertResult | undefined): boolean =>
  result !== undefined && !result.ok && result.reason === 'failed'

/**
 * Counts what became of an item or a line; `place` is its index or line. Returns the _id of one that is
 * kept, null for any other.
 */
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
  switch (outcome(item, result)) {
    case 'inserted':
      tally.inserted++
      return idText(idOf(item))
    case 'ignored':
      tally.ignored++
      return idText(idOf(item))
    case 'failed':
      tally.fail(place, () => failure(item, result), isStoreFailure(result))
      return null
  }
}

const reused = (id: string) =>
  new Problem(
    'idempotency_key_reused',
    `The Idempotency-Key was used for another document, or that document has changed since: it has the _id ${quoted(id)}.`,
  )
