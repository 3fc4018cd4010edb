// The candidates of a query on MongoDB: the server narrows them down and sorts them.
import { BSON, type Document, ObjectId } from 'mongodb'
import type { DocumentId } from '../codec/document-id.ts'
import { pieceBytes, pieceMemory, smallBytes, writeLargeJson } from '../codec/document-text.ts'
import { JsonWriter } from '../codec/json-writer.ts'
import { idOfBson } from '../codec/stored-id.ts'
import { nextPiece } from '../fair-turns.ts'
import { valuesOfKey } from '../query/key-reader.ts'
import { type MongoWords, supersetOf } from '../query/mongo-query.ts'
import { afterPlace, mongoSort } from '../query/mongo-sort.ts'
import { idDescends } from '../query/place.ts'
import type { Batch, FindBatches } from './mongo-cursor.ts'
import { rangeFilter, rangesBefore } from './mongo-filter.ts'
import { beginning, type Candidates, type Search } from './search.ts'
import { StoreError } from './store-error.ts'

/** The values of BSON that a query needs. `rareTypes`: whether the server knows those. */
export const mongoWords = (rareTypes: boolean): MongoWords => ({
  objectId: (hex) => new ObjectId(hex),
  extended: (json) => BSON.EJSON.parse(json, { relaxed: false }),
  rareTypes,
})

/** Makes the search of a collection. `words`: what the server knows. */
export function createMongoFind(batches: FindBatches, words: () => Promise<MongoWords>) {
  // The first of a sort are quickly found if it is known how many; more if some are not wanted after all.
  async function* sorted(filter: Document, sort: Document, limit = 0): AsyncGenerator<Batch> {
    let count = 0
    const most = limit === 0 ? 0 : limit + extra
    for await (const batch of batches(filter, { sort, ...(most > 0 && { limit: most }) })) {
      count += batch.documents.length
      yield batch
    }
    if (most > 0 && count >= most) yield* batches(filter, { sort, skip: count })
  }

  return async function* find(search: Search): AsyncGenerator<Candidates> {
    const known = await words()
    const { sort, limit } = search
    const superset = search.filter && supersetOf(search.filter, known)
    const filter = superset ? [superset] : []
    const order = mongoSort(sort)
    const range = { after: search.after, through: search.through }
    if (sort.length === 0) {
      const isWhole = range.after === undefined && range.through === undefined
      const part = isWhole ? [] : [rangeFilter(range, known.rareTypes)]
      yield* candidatesOf(batches(and([...filter, ...part]), { sort: { _id: 1 } }), false)
      return
    }
    if (order) {
      const place = search.place && placeFilter(search, known)
      let hasBegun = false
      try {
        const conditions = and(place ? [...filter, place] : filter)
        for await (const batch of sorted(conditions, new Map(order), limit)) {
          hasBegun = true
          yield* candidatesOf([batch], true)
        }
        return
      } catch (error) {
        // A sort by two arrays is one that MongoDB cannot do.
        if (hasBegun || !(error instanceof StoreError) || error.fault !== 'refused') throw error
      }
    }
    yield* candidatesOf(batches(and(filter), {}), false)
  }
}

// Documents that may be unwanted before it takes another question.
const extra = 50

const and = (filters: readonly Document[]): Document =>
  filters.length === 0 ? {} : { $and: filters }

function placeFilter({ sort, place }: Search, words: MongoWords): Document | undefined {
  // Such a place is none of this store's: it knows whole keys.
  if (!place || place.id === beginning) return undefined
  const later = idDescends(sort)
    ? { $or: rangesBefore(place.id, words.rareTypes) }
    : rangeFilter({ after: place.id }, words.rareTypes)
  try {
    const filter = afterPlace(sort, valuesOfKey(sort, place.sortKey), later, words)
    BSON.serialize(filter)
    return filter
  } catch (error) {
    // A client has made it up: no document has such a key.
    if (!(error instanceof Error)) throw error
    throw new StoreError('refused', `after leads nowhere: ${error.message.slice(0, 100)}`, error)
  }
}

// Replies may have 16 MiB: their JSON is written in turns, in pieces of whole documents.
async function* candidatesOf(
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  isSorted: boolean,
): AsyncGenerator<Candidates> {
  for await (const { documents } of batches) {
    const writer = new JsonWriter(pieceMemory)
    let ends: number[] = []
    let ids: DocumentId[] = []
    const taken = (json: Buffer): Candidates => {
      const [idsNow, endsNow] = [ids, ends]
      ids = []
      ends = []
      return { json, ends: endsNow, id: (index) => idsNow[index] ?? '', isSorted }
    }
    for (const bson of documents) {
      const isLarge = bson.length > smallBytes
      if (ends.length > 0 && (isLarge || writer.length > pieceBytes)) {
        yield taken(writer.bytes)
        writer.clear()
        await nextPiece()
      }
      ids.push(idOfBson(bson))
      if (isLarge) {
        const json = await writeLargeJson(bson)
        ends.push(json.length)
        yield taken(json)
      } else {
        writer.document(bson)
        ends.push(writer.length)
      }
    }
    if (ends.length > 0) yield taken(writer.bytes)
  }
}
