// A page of what a query finds: which documents it has, and where the next one begins.
import { type DocumentId, idFromPath } from '../codec/document-id.ts'
import { joinPieces } from '../codec/document-text.ts'
import { Problem } from '../http/problem.ts'
import { hashOfKey, readCursor, writeCursor } from '../query/cursor.ts'
import { Evaluator } from '../query/evaluator.ts'
import type { Query } from '../query/filter.ts'
import { placeKey, sortKeyIn } from '../query/place.ts'
import { type Placed, Selection } from '../query/selection.ts'
import { quoted } from '../shown-text.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { createLimiter } from '../store/limiter.ts'
import { type Bound, beginning, type SortPosition } from '../store/search.ts'
import { scan } from './scan.ts'
import { orStoreProblem, tryText } from './store-problem.ts'

/** What one page may take. 64 MiB take about half a second, alone; 100,000 documents of 360 bytes 0.15 s (measured). */
export const pageLimits = {
  /** Bytes of documents that are looked at; then the page ends, however short. */
  scannedBytes: 64 * 1024 * 1024,
  /** Documents that a sort without an index reads. */
  candidates: 100_000,
  /** Bytes of the places that a sort keeps. */
  selectedBytes: 8 * 1024 * 1024,
}

// Bytes of a page that is kept; a larger one is read again when it is sent.
const keptBytes = 128 * 1024

/**
 * Finds a page without a sort: where it begins and ends (`through` undefined: it is empty), its documents if they are
 * small, and the `after` of the next page, undefined if this is the last one.
 */
export async function findPage(
  store: DocumentStore,
  { filter, after: given }: Query,
  limit: number,
  limits = pageLimits,
) {
  const after = given === undefined ? undefined : idFromPath(given)
  let count = 0
  let scanned = 0
  let kept: { id: DocumentId; json: Buffer }[] | undefined = []
  let bytes = 0
  let through: DocumentId | undefined
  let next: DocumentId | undefined
  const search = { filter, sort: [], after, limit: limit + 1 }
  await scan(store, search, {
    visit(candidate) {
      const { json, start, end } = candidate
      scanned += end - start
      if (!candidate.matches) return false
      if (count === limit) {
        next = through
        return true
      }
      count++
      const { id } = candidate
      through = id
      bytes += end - start
      if (bytes > keptBytes) kept = undefined
      else kept?.push({ id, json: Buffer.from(json.subarray(start, end)) })
      return false
    },
    endBatch(_, last) {
      if (scanned < limits.scannedBytes) return false
      next = last.id
      return true
    },
  })
  return { after, through, documents: kept, next }
}

interface SortedPage {
  readonly placed: readonly Placed[]
  /** The `after` of the next page, undefined if this is the last one. */
  readonly next: string | undefined
}

// At the same time, each with the bytes that it may keep and 13 MB of entries.
const sorts = createLimiter(8, 5000)

/** Finds a page of a sort, in its turn. @throws Problem `index_needed` if it looks at too much; `overloaded` */
export const findSortedPage = (
  store: DocumentStore,
  query: Query,
  limit: number,
  limits = pageLimits,
): Promise<SortedPage> => orStoreProblem(sorts.run(() => sortedPage(store, query, limit, limits)))

async function sortedPage(
  store: DocumentStore,
  query: Query,
  limit: number,
  limits: typeof pageLimits,
): Promise<SortedPage> {
  const { filter, sort, after } = query
  const place = after === undefined ? undefined : await placeOf(store, query, after)
  const from = place && keyOf(query, place)
  // One more tells whether there is a next page.
  const selection = new Selection(limit + 1)
  let candidates = 0
  let scanned = 0
  let bound: Bound | undefined
  let isCut = false
  const isEnough = () => selection.worst !== undefined && isPast(bound, selection.worst)
  const search = { filter, sort, place, limit: limit + 1 }
  await scan(store, search, {
    visit(candidate) {
      const { start, end, isInOrder } = candidate
      candidates++
      scanned += end - start
      const isWanted = candidate.matches && !comesAfter(candidate.sortKey, selection.worst)
      if (!isWanted && !isInOrder) return false
      const { key, id } = candidate
      if (isInOrder) bound = { key, id }
      if (isWanted && (from === undefined || Buffer.compare(key, from) > 0)) {
        selection.offer({ key, id, size: end - start })
        if (selection.bytes > limits.selectedBytes) throw tooLargeToSort(query)
      }
      return isInOrder && isEnough()
    },
    endBatch(later) {
      if (later) bound = later
      if (isEnough()) return true
      if (!bound && candidates > limits.candidates) throw indexNeeded(store, query, limits)
      // A page that ended where it began would have itself as the next one.
      const leadsOn = bound && (from === undefined || Buffer.compare(bound.key, from) > 0)
      isCut = leadsOn === true && scanned > limits.scannedBytes
      return isCut
    },
  })
  const found = await selection.takeInOrder()
  const placed = found.slice(0, limit)
  if (isCut && bound) return cutPage(query, placed, bound)
  return found.length > limit ? pageWithNext(query, placed) : { placed, next: undefined }
}

// Other programs' _ids may have megabytes; one of ours has 256 bytes.
const fitsCursor = (id: DocumentId | undefined) => id === undefined || id.length <= 1024

// Up to the last document whose _id a cursor can hold.
function pageWithNext(query: Query, placed: readonly Placed[]): SortedPage {
  const at = placed.findLastIndex(({ id }) => fitsCursor(id))
  const last = placed[at]
  if (last) return { placed: placed.slice(0, at + 1), next: cursorAt(query, last.key, last.id) }
  throw new Problem(
    'invalid_query',
    'No document of this page has an _id that is short enough for a Link. Raise the limit.',
  )
}

// By the sort alone, without the _id.
const comesAfter = (sortKey: Buffer, worst: Buffer | undefined): boolean =>
  worst !== undefined && Buffer.compare(sortKey, worst.subarray(0, sortKey.length)) > 0

const isPast = (bound: Bound | undefined, key: Buffer): boolean => {
  if (bound === undefined) return false
  return bound.id === undefined
    ? Buffer.compare(bound.key, key.subarray(0, bound.key.length)) > 0
    : Buffer.compare(bound.key, key) >= 0
}

// What is known to sort before all that was not looked at.
function cutPage(query: Query, found: readonly Placed[], bound: Bound): SortedPage {
  const placed = found.filter(({ key }) => isPast(bound, key))
  if (!fitsCursor(bound.id)) return pageWithNext(query, placed)
  return { placed, next: cursorAt(query, bound.key, bound.id) }
}

const cursorAt = (query: Query, key: Buffer, id: DocumentId | undefined): string =>
  writeCursor(
    query,
    id === undefined ? { sortKey: key, id: beginning } : { sortKey: sortKeyIn(key, id), id },
  )

// What comes after it: of the beginning of a key all that begins so.
const keyOf = ({ sort }: Query, { sortKey, id }: SortPosition): Buffer =>
  id === beginning ? sortKey : placeKey(sort, sortKey, id)

// The place that a cursor means. Of a long sort key it has the hash; the document has the key.
async function placeOf(store: DocumentStore, query: Query, text: string): Promise<SortPosition> {
  const { id, key, keyHash } = tryText(() => readCursor(query, text))
  if (key) return { id, sortKey: key }
  const evaluator = new Evaluator(undefined, query.sort)
  const sortKey = await orStoreProblem(
    store.read(id, async (document) => {
      if (document === undefined) return undefined
      const json = await joinPieces(document)
      await evaluator.readInTurns(json, 0, json.length)
      return Buffer.from(evaluator.sortKey)
    }),
  )
  if (sortKey && keyHash?.equals(hashOfKey(sortKey))) return { id, sortKey }
  throw new Problem(
    'invalid_query',
    `after leads nowhere: the document ${quoted(id)} was changed or removed, and its sort value is too long for a Link. Begin with the first page.`,
  )
}

const needsIndex = (words: string) => new Problem('index_needed', words)
const namesOf = ({ sort }: Query) => quoted(sort.map(({ path }) => path.join('.')).join(','))

const indexNeeded = (store: DocumentStore, query: Query, { candidates }: typeof pageLimits) =>
  needsIndex(
    `A sort by ${namesOf(query)} would look at more than ${candidates} documents. Add a condition that leaves fewer, or ${indexFor(store, query)}`,
  )

/** The problem of a sort without a limit: it holds the best of a page, and never all. */
export const limitNeeded = (store: DocumentStore, query: Query) =>
  needsIndex(
    `A sort by ${namesOf(query)} needs a limit, such as limit=100, or ${indexFor(store, query)}`,
  )

// The setting that would make the index, with those that it names already.
function indexFor({ indexes }: DocumentStore, { sort }: Query): string {
  const wanted = sort[0]?.path.join('.') ?? ''
  const names = indexes.map(({ name }) => name)
  const known = indexes.find(({ name }) => name === wanted || name === `${wanted}:unique`)
  return known
    ? `wait for its index: it is ${known.state}.`
    : `the index: INDEXES=${[...names, wanted].join(',')}`
}

const tooLargeToSort = (query: Query) =>
  needsIndex(
    `The values of ${namesOf(query)} are too long to sort that many documents. Lower the limit.`,
  )
