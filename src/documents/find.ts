// What a query finds, ready to be sent: a page of it or all of it.
import { type DocumentId, idFromPath } from '../codec/document-id.ts'
import { type DocumentText, joinPieces } from '../codec/document-text.ts'
import { Evaluator } from '../query/evaluator.ts'
import type { Filter, Query } from '../query/filter.ts'
import { placeKey } from '../query/place.ts'
import type { Placed } from '../query/selection.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { findPage, findSortedPage, limitNeeded } from './find-page.ts'
import { scan } from './scan.ts'
import { orStoreProblem } from './store-problem.ts'

/** Takes the documents that are found, one after the other. */
interface Taker {
  /** Whether the client has gone. */
  readonly isGone: boolean
  /** The document from `start` to `end` of the JSON, valid until this ends. `held`: bytes that wait with it. */
  add(json: Buffer, start: number, end: number, held: number, id: () => DocumentId): Promise<void>
  /** There may be none for a while. */
  flush(held: number): Promise<void>
}

// Documents of a sorted list without a limit that are fetched at a time.
const sortedAtOnce = 1000
// Bytes of documents that are read at a time to be sent in order.
const placedBytes = 128 * 1024

/**
 * Looks for the page; without a limit nothing is read before it is sent. `next` is the `after` of the next page.
 * @throws Problem
 */
export async function findDocuments(store: DocumentStore, query: Query) {
  const { filter, sort, limit, after } = query
  if (sort.length === 0) {
    if (limit === undefined) {
      const from = after === undefined ? undefined : idFromPath(after)
      return { next: undefined, send: (taker: Taker) => sendMatches(store, taker, filter, from) }
    }
    const page = await findPage(store, query, limit)
    const { through, documents } = page
    const send = async (taker: Taker) => {
      if (through === undefined) return
      if (!documents) return sendMatches(store, taker, filter, page.after, through)
      for (const { id, json } of documents) await taker.add(json, 0, json.length, 0, () => id)
    }
    return { next: page.next, send }
  }
  if (limit !== undefined) {
    const { placed, next } = await findSortedPage(store, query, limit)
    return { next, send: (taker: Taker) => sendPlaced(store, taker, query, placed) }
  }
  if (!store.isOrdered(sort)) throw limitNeeded(store, query)
  return { next: undefined, send: (taker: Taker) => sendSorted(store, taker, query) }
}

/** How many documents satisfy the filter, among those that were looked at until it was enough. */
export async function countMatches(
  store: DocumentStore,
  filter: Filter | undefined,
  isEnough: (scannedBytes: number) => boolean,
): Promise<number> {
  const known = await orStoreProblem(store.countOf(filter))
  if (known !== undefined) return known
  let count = 0
  let scanned = 0
  const search = { filter, sort: [] }
  await scan(store, search, {
    visit({ matches, start, end }) {
      if (matches) count++
      scanned += end - start
      return false
    },
    endBatch: () => isEnough(scanned),
  })
  return count
}

async function sendMatches(
  store: DocumentStore,
  taker: Taker,
  filter: Filter | undefined,
  after: DocumentId | undefined,
  through?: DocumentId,
): Promise<void> {
  let places: number[] = []
  let held = 0
  const search = { filter, sort: [], after, through }
  await scan(store, search, {
    visit({ matches, start, end, index }) {
      if (matches) places.push(start, end, index)
      held += end - start
      return false
    },
    async endBatch(_, last) {
      for (let at = 0; at < places.length; at += 3) {
        const [start = 0, end = 0, index = 0] = places.slice(at, at + 3)
        await taker.add(last.json, start, end, held, () => last.idAt(index))
      }
      places = []
      held = 0
      await taker.flush(0)
      return taker.isGone
    },
  })
}

async function sendSorted(store: DocumentStore, taker: Taker, query: Query): Promise<void> {
  for (let after = query.after; !taker.isGone; ) {
    const page = await findSortedPage(store, { ...query, after }, sortedAtOnce)
    await sendPlaced(store, taker, query, page.placed)
    if (page.next === undefined) return
    after = page.next
  }
}

// A document that was written in between, and is gone or sorts elsewhere now, is left out.
async function sendPlaced(
  store: DocumentStore,
  taker: Taker,
  { filter, sort }: Query,
  placed: readonly Placed[],
): Promise<void> {
  const evaluator = new Evaluator(filter, sort)
  const isSame = async (json: Buffer, { key, id }: Placed) => {
    await evaluator.readInTurns(json, 0, json.length)
    return evaluator.matches && placeKey(sort, evaluator.sortKey, id).equals(key)
  }
  for (let at = 0; at < placed.length && !taker.isGone; ) {
    const some = few(placed, at)
    at += some.length
    const texts = new Map<DocumentId, DocumentText>()
    const ids = some.map(({ id }) => id)
    for await (const batch of store.getMany(ids)) for (const text of batch) texts.set(text.id, text)
    for (const each of some) {
      const text = texts.get(each.id)
      if (!text) continue
      const json = text.whole ?? (await joinPieces(text))
      if (!(await isSame(json, each))) continue
      await taker.add(json, 0, json.length, placedBytes, () => each.id)
    }
    await taker.flush(0)
  }
}

function few(placed: readonly Placed[], from: number): readonly Placed[] {
  let bytes = 0
  let end = from
  while (end < placed.length) {
    bytes += placed[end]?.size ?? 0
    if (bytes > placedBytes && end > from) break
    end++
  }
  return placed.slice(from, end)
}
