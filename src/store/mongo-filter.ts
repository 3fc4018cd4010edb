// Which documents a query means: one by its _id, one in a given state, or a range of them.
import { BSON, type Document } from 'mongodb'
import { bsonType } from '../codec/bson-type.ts'
import { type DocumentId, kindOfId } from '../codec/document-id.ts'
import { type IdKind, idKinds } from '../codec/extended-id.ts'
import { Refusal } from '../codec/refusal.ts'
import { idValue } from '../codec/stored-id.ts'
import type { Range } from './document-store.ts'
import { rawDocument } from './mongo-write.ts'
import { StoreError } from './store-error.ts'

function bsonOf(id: DocumentId): unknown {
  try {
    return idValue(id)
  } catch (error) {
    throw error instanceof Refusal ? new StoreError('refused', error.message) : error
  }
}

/** The document with this _id. $eq: a value may be an object, as a condition is. */
const idFilter = (id: DocumentId): Document => ({ _id: { $eq: bsonOf(id) } })

/** The documents with these _ids. */
export const idsFilter = (ids: readonly DocumentId[]): Document => {
  const [id] = ids
  return ids.length === 1 && id !== undefined ? idFilter(id) : { _id: { $in: ids.map(bsonOf) } }
}

/** The document with this _id, if it still equals this one, but for the types of numbers. */
export function stateFilter(id: DocumentId, current?: Uint8Array): Uint8Array {
  if (current === undefined) return BSON.serialize(idFilter(id))
  // { $expr: { $eq: ['$$ROOT', { $literal: current }] } }, with the bytes of `current`
  const literal = rawDocument({}, { $literal: current })
  const operands = rawDocument({ 0: '$$ROOT' }, { 1: literal })
  return rawDocument(idFilter(id), { $expr: rawArrayMember('$eq', operands) })
}

// A document whose one member is an array, which is a document with indexes as keys.
function rawArrayMember(key: string, array: Uint8Array): Uint8Array {
  const document = Buffer.from(rawDocument({}, { [key]: array }))
  document[4] = bsonType.array
  return document
}

// The names of $type of each kind that are not its own.
const typesOfKind: Partial<Readonly<Record<IdKind, readonly string[]>>> = {
  text: ['string', 'symbol'],
  binary: ['binData'],
  boolean: ['bool'],
  code: ['javascript'],
  codeWithScope: ['javascriptWithScope'],
}

// FerretDB refuses a document with one of these, and a query that names one.
// biome-ignore format: by kind, some in a line
const rareTypes: ReadonlySet<string> = new Set<string>([
  'minKey', 'symbol', 'javascript', 'javascriptWithScope', 'maxKey',
])

// MongoDB's comparisons keep to one kind.
const ofKinds = (kinds: readonly IdKind[], rare: boolean): Document[] => {
  const types = kinds.flatMap((kind) => typesOfKind[kind] ?? kind)
  const known = rare ? types : types.filter((type) => !rareTypes.has(type))
  return known.length === 0 ? [] : [{ _id: { $type: known } }]
}

/** The documents of the range. `rare`: whether the server knows the rare types. */
export function rangeFilter({ after, through }: Range, rare: boolean): Document {
  const first = after === undefined ? -1 : idKinds.indexOf(kindOfId(after))
  const last = through === undefined ? idKinds.length : idKinds.indexOf(kindOfId(through))
  const above = after === undefined ? [] : [greater(after)]
  const upTo = through === undefined ? [] : [notGreater(through)]
  if (above.length > 0 && first === last) return { $and: [...above, ...upTo] }
  return { $or: [...above, ...ofKinds(idKinds.slice(first + 1, last), rare), ...upTo] }
}

/**
 * The documents before this id, or all, as ranges of which the later ones come first. Each is plainly a walk along
 * the index, which a condition with $or is not.
 */
export function rangesBefore(before: DocumentId | undefined, rare: boolean): Document[] {
  if (before === undefined) return [{}]
  const kind = idKinds.indexOf(kindOfId(before))
  return [less(before), ...ofKinds(idKinds.slice(0, kind), rare)]
}

// Of the kinds with one value nothing is greater or less, and MongoDB compares MinKey and MaxKey with every kind. NaN
// is the least number, but no comparison is true of it.
const singular: ReadonlySet<IdKind> = new Set<IdKind>(['minKey', 'null', 'maxKey'])
const isNumber = (id: DocumentId) => kindOfId(id) === 'number'
const isNotANumber = (id: DocumentId) => isNumber(id) && id.endsWith(':"NaN"}')
const nothing = { _id: { $in: [] } }

// The documents of this id's kind that come after it.
function greater(id: DocumentId): Document {
  if (singular.has(kindOfId(id))) return nothing
  return { _id: isNotANumber(id) ? { $gte: Number.NEGATIVE_INFINITY } : { $gt: bsonOf(id) } }
}

function notGreater(id: DocumentId): Document {
  if (singular.has(kindOfId(id)) || isNotANumber(id)) return idFilter(id)
  const $gt = bsonOf(id)
  return { _id: isNumber(id) ? { $type: 'number', $not: { $gt } } : { $lte: $gt } }
}

function less(id: DocumentId): Document {
  if (singular.has(kindOfId(id)) || isNotANumber(id)) return nothing
  const $gte = bsonOf(id)
  return { _id: isNumber(id) ? { $type: 'number', $not: { $gte } } : { $lt: $gte } }
}
