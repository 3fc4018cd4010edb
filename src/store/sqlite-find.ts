// The candidates of a query in the embedded store: by an index that leaves few, or in its order.
import type { DatabaseSync } from 'node:sqlite'
import { type DocumentId, idKey, idOfKey } from '../codec/document-id.ts'
import { nextPiece } from '../fair-turns.ts'
import { type KeyRange, rangesOf } from '../query/index-ranges.ts'
import { cutKey, isCut, manyKey } from '../query/indexes.ts'
import { KeyReader } from '../query/key-reader.ts'
import { isId, isSamePath } from '../query/path.ts'
import { placeKey } from '../query/place.ts'
import { KeyWriter } from '../query/sort-key.ts'
import type { LargeQueue } from './limiter.ts'
import { type Bound, beginning, type Candidates, type Search, type SortPosition } from './search.ts'
import { createEntryReader, type Entry } from './sqlite-entries.ts'
import { attempt } from './sqlite-error.ts'
import type { Index } from './sqlite-indexes.ts'
import {
  type BatchReader,
  damagedFile,
  firstKey,
  idAt,
  lastKey,
  type RowReader,
} from './sqlite-rows.ts'

const rowsAtOnce = 1000
// Rows that a batch looks at: a few more than the last had, for the sizes of all are asked for.
const firstRows = 256
const leastRows = 16
const moreRows = 1.2

// If a sort must know all of them: at most this many.
const mostEntries = 100_000
// Counted in one turn: 100,000 take 4 ms, and a query may have 16 conditions.
const countedAtOnce = 5000
// Of an index, before it hands on its documents.
const bytesAtOnce = 128 * 1024

export interface FindOptions {
  /** The rows between two keys, in their order. */
  readonly readAfter: BatchReader
  /** Those before a key, the last first. */
  readonly readBefore: BatchReader
  readonly db: DatabaseSync
  readonly large: LargeQueue
  readonly rows: RowReader
  readonly indexes: readonly Index[]
  /** Entries that are looked up one by one, rather than to go over all documents. */
  readonly fewEntries?: number | undefined
}

/** Prepares what is read for queries. */
export function createFind(options: FindOptions) {
  const { db, readAfter, readBefore, large, rows, indexes, fewEntries = 5000 } = options
  const entries = indexes.length === 0 ? undefined : createEntryReader(db)
  // A large document alone: none if it was removed while it waited.
  async function* scan(
    read: BatchReader,
    from: Uint8Array,
    rest: readonly Uint8Array[],
  ): AsyncGenerator<Candidates & { last: DocumentId }> {
    let rowsNow = firstRows
    for (let after = from; ; ) {
      const found = attempt(() => read([after, ...rest], rowsNow, ''))
      if (!found) return
      if ('json' in found) {
        const { json, ends, isLast } = found
        rowsNow = Math.min(Math.max(Math.ceil(ends.length * moreRows), leastRows), rowsAtOnce)
        const batch = batchOf(json, ends)
        const last = batch.id(ends.length - 1)
        yield { ...batch, last }
        if (isLast) return
        after = idKey(last)
        continue
      }
      const { key, size } = found
      const json = await large(size, () => rows.wholeInTurns(key))
      if (json) yield { ...alone(json), last: idAt(json, 0) }
      after = key
    }
  }

  async function* byIdDescending({ sort, place }: Search): AsyncGenerator<Candidates> {
    const from = place ? idKey(place.id) : lastKey
    for await (const batch of scan(readBefore, from, [])) {
      const bound = { key: placeKey(sort, noBytes, batch.last), id: batch.last }
      yield { ...batch, isSorted: true, bound }
    }
  }

  // The documents of entries, in their order, at most `most` at once. `boundOf`: what comes after an entry.
  async function* documentsOf(
    index: Index,
    some: readonly Entry[],
    most = rowsAtOnce,
    boundOf: (entry: Entry) => Bound | undefined = () => undefined,
  ): AsyncGenerator<Candidates> {
    let texts: Buffer[] = []
    let bytes = 0
    const taken = (entry: Entry): Candidates => {
      const batch = joined(texts)
      texts = []
      bytes = 0
      return { ...batch, bound: boundOf(entry) }
    }
    for (const [at, entry] of some.entries()) {
      const found = attempt(() => rows.find(entry.document))
      if (found === undefined) {
        // Removed by another process; or an entry of no document.
        if (entries?.has(index, entry)) throw damagedFile()
        continue
      }
      const last = some[at - 1]
      if (typeof found === 'number') {
        if (last && texts.length > 0) yield taken(last)
        const json = await large(found, () => rows.wholeInTurns(entry.document))
        if (json) yield { ...alone(json), bound: boundOf(entry) }
        continue
      }
      texts.push(found)
      bytes += found.length
      if (bytes > bytesAtOnce || texts.length >= most) {
        yield taken(entry)
        await nextPiece()
      }
    }
    const last = some.at(-1)
    if (last) yield taken(last)
  }

  const ready = () => indexes.filter(({ state }) => state === 'ready')

  // The index and its ranges in which the filter leaves the fewest entries.
  const narrow = async ({ filter }: Search, most: number): Promise<Narrow | undefined> => {
    let best: Narrow | undefined
    for (const index of ready()) {
      for (const found of rangesOf(filter, index.spec.path)) {
        const ranges = [...found, many]
        let count = 0
        for (const range of ranges) {
          count += entries?.count(index, range, most + 1) ?? 0
          if (count > most) break
        }
        if (count > countedAtOnce) await nextPiece()
        if (count <= most && count < (best?.count ?? Number.POSITIVE_INFINITY)) {
          best = { index, ranges, count }
        }
      }
    }
    return best
  }

  // The one key of all documents that the filter leaves, if there is one.
  const single = ({ filter }: Search): { index: Index; key: Buffer } | undefined => {
    for (const index of ready()) {
      for (const [range, ...others] of rangesOf(filter, index.spec.path)) {
        if (!range?.isPoint || others.length > 0) continue
        if (entries?.count(index, many, 1) === 0) return { index, key: range.from }
      }
    }
    return undefined
  }

  const indexOf = ([first]: Search['sort']): Index | undefined =>
    first && ready().find(({ spec }) => isSamePath(spec.path, first.path))

  async function* fromRanges(
    { index, ranges }: Narrow,
    isOrdered: boolean,
    from?: Uint8Array,
    to?: Uint8Array,
  ) {
    const isWanted = ({ document }: Entry) =>
      (!from || Buffer.compare(document, from) > 0) && (!to || Buffer.compare(document, to) <= 0)
    for await (const some of entries?.documents(index, ranges, isOrdered) ?? []) {
      yield* documentsOf(index, some.filter(isWanted))
    }
  }

  async function* fromKey(
    index: Index,
    key: Buffer,
    { limit }: Search,
    from: Uint8Array,
    to?: Uint8Array,
  ) {
    for (const some of entries?.withKey(index, key, from) ?? []) {
      const wanted = to ? some.filter(({ document }) => Buffer.compare(document, to) <= 0) : some
      yield* documentsOf(index, wanted, limit)
      if (wanted.length < some.length) return
    }
  }

  async function* inOrder(
    index: Index,
    { sort, place, limit }: Search,
  ): AsyncGenerator<Candidates> {
    const descending = sort[0]?.descending === true
    const isWhole = sort.length === 1
    const boundOf = ({ key, document }: Entry): Bound => {
      const writer = new KeyWriter()
      if (descending) writer.addInverted(key)
      else writer.add(key)
      if (!isWhole || isCut(key)) return { key: Buffer.from(writer.bytes), id: undefined }
      const id = idOfKey(document)
      return { key: placeKey(sort, writer.bytes, id), id }
    }
    const start = place && startOf(place, descending, isWhole)
    const read = descending ? entries?.descending : entries?.ascending
    for (const some of read?.(index, start?.key, start?.document) ?? []) {
      yield* documentsOf(index, some, limit, boundOf)
    }
  }

  const choose = async (search: Search): Promise<AsyncIterable<Candidates>> => {
    const { sort, after, through } = search
    const [first] = sort
    if (first?.descending && isId(first.path)) return byIdDescending(search)
    const from = after === undefined ? firstKey : idKey(after)
    const to = through === undefined ? undefined : idKey(through)
    if (entries) {
      const few = await narrow(search, fewEntries)
      if (few) return fromRanges(few, true, sort.length === 0 ? from : undefined, to)
      const index = indexOf(sort)
      if (index) return inOrder(index, search)
      const one = sort.length === 0 ? single(search) : undefined
      if (one) return fromKey(one.index, one.key, search, from, to)
      const some = sort.length === 0 ? undefined : await narrow(search, mostEntries)
      if (some) return fromRanges(some, false)
    }
    return scan(readAfter, from, [to ?? lastKey])
  }

  return async function* find(search: Search): AsyncGenerator<Candidates> {
    yield* await choose(search)
  }
}

// Documents with more values than the index has of them.
const many: KeyRange = { from: manyKey, to: manyKey, isPoint: true }

interface Narrow {
  readonly index: Index
  readonly ranges: readonly KeyRange[]
  readonly count: number
}

const batchOf = (json: Buffer, ends: readonly number[]): Candidates => ({
  json,
  ends,
  id: (at) => idAt(json, ends[at - 1] ?? 0),
})

const alone = (json: Buffer): Candidates => batchOf(json, [json.length])

function joined(texts: readonly Buffer[]): Candidates {
  const ends: number[] = []
  let at = 0
  for (const { length } of texts) {
    at += length
    ends.push(at)
  }
  return batchOf(Buffer.concat(texts, at), ends)
}

// Where in the index the place is: at the first part of its sort key.
function startOf({ sortKey, id }: SortPosition, descending: boolean, isWhole: boolean) {
  const reader = new KeyReader(sortKey)
  // The beginning of a key is one of its first part.
  if (id !== beginning) reader.value(descending)
  const first = Buffer.from(id === beginning ? sortKey : sortKey.subarray(0, reader.at))
  if (descending) for (let at = 0; at < first.length; at++) first[at] = (first[at] ?? 0) ^ 0xff
  const key = cutKey(first)
  const isExact = isWhole && !isCut(key) && id !== beginning
  return { key, document: isExact ? idKey(id) : undefined }
}

const noBytes = Buffer.alloc(0)
