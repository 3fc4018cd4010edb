// Which documents a query means: one by its _id, one in a given state, or a range of them.
import { BSON, type Document, ObjectId } from 'mongodb'
import { type DocumentId, isObjectId } from './document-id.ts'
import type { Range } from './document-store.ts'
import { rawDocument } from './mongo-command.ts'

const idValue = (id: DocumentId) => (isObjectId(id) ? new ObjectId(id) : id)

/** The document with this _id. */
export const idFilter = (id: DocumentId): Document => ({ _id: idValue(id) })

/** The documents with these _ids. */
export const idsFilter = (ids: readonly DocumentId[]): Document => {
  const [id] = ids
  return ids.length === 1 && id !== undefined ? idFilter(id) : { _id: { $in: ids.map(idValue) } }
}

/**
 * The document with this _id, if it still equals this one: the same members in the same order. Numbers
 * are compared by value, whatever their type.
 */
export function stateFilter(id: DocumentId, current: Uint8Array | undefined): Uint8Array {
  if (current === undefined) return BSON.serialize(idFilter(id))
  // { $expr: { $eq: ['$$ROOT', { $literal: current }] } }, with `current` as the bytes it is
  const literal = rawDocument({}, { $literal: current })
  const operands = rawDocument({ 0: '$$ROOT' }, { 1: literal })
  return rawDocument(idFilter(id), { $expr: rawArrayMember('$eq', operands) })
}

// A document whose one member is an array: in BSON, a document with indexes as keys and type 4.
function rawArrayMember(key: string, array: Uint8Array): Uint8Array {
  const document = Buffer.from(rawDocument({}, { [key]: array }))
  document[4] = 0x04
  return document
}

const firstObjectId = new ObjectId('0'.repeat(24))

/**
 * The documents of the range that have a text form: those whose _id is a string or an ObjectId.
 * MongoDB's comparisons keep to one type, so each of the two has a condition of its own.
 */
export function rangeFilter({ after, through }: Range): Document {
  const strings: Document = after === undefined ? { $gte: '' } : { $gt: after }
  let objectIds: Document = { $gte: firstObjectId }
  const conditions: Document[] = []
  if (after === undefined || !isObjectId(after)) {
    if (through !== undefined && !isObjectId(through)) strings.$lte = through
    conditions.push({ _id: strings })
  } else {
    objectIds = { $gt: new ObjectId(after) }
  }
  if (through === undefined || isObjectId(through)) {
    if (through !== undefined) objectIds.$lte = new ObjectId(through)
    conditions.push({ _id: objectIds })
  }
  return conditions.length === 1 ? (conditions[0] ?? {}) : { $or: conditions }
}

/**
 * The documents before this id, or all, as ranges of which the later ones come first. One a type:
 * each is a walk along the index, which a server need not find out from a condition with $or.
 */
export function rangesBefore(before: DocumentId | undefined): Document[] {
  const strings = { _id: { $gte: '' } }
  if (before === undefined) return [{ _id: { $gte: firstObjectId } }, strings]
  if (!isObjectId(before)) return [{ _id: { $gte: '', $lt: before } }]
  return [{ _id: { $gte: firstObjectId, $lt: new ObjectId(before) } }, strings]
}
