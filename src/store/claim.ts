// A claim: an ObjectId that belongs to a name, once and for all. Both are kept as a document.
import { bsonType } from '../codec/bson-type.ts'
import type { DocumentId } from '../codec/document-id.ts'
import type { DocumentText } from '../codec/document-text.ts'
import type { EncodedDocument } from '../codec/encoded-document.ts'

// { _id: ObjectId, id: ObjectId }
const front = Buffer.from([38, 0, 0, 0, bsonType.objectId, ...Buffer.from('_id\0')])
const middle = Buffer.from([bsonType.objectId, ...Buffer.from('id\0')])

/** The claim of this ObjectId under the name, which is written as an ObjectId too. */
export const encodeClaim = (name: DocumentId, id: DocumentId): EncodedDocument => ({
  id: name,
  bson: Buffer.concat([front, hex(name), middle, hex(id), Buffer.of(0)]),
})

/** The ObjectId of a stored claim. */
export const claimedId = ({ whole }: DocumentText): DocumentId =>
  /"\$oid":"([0-9a-f]{24})"/.exec(`${whole}`)?.[1] ?? ''

const hex = (id: DocumentId) => Buffer.from(id, 'hex')

/**
 * The name of the claim whose ObjectId has the time after which no pod of a version without claims runs. A store
 * without documents has never seen one: it makes this claim when it is opened.
 */
export const beginningClaim: DocumentId = '0'.repeat(24)

/** The ObjectId of a time in milliseconds, in whole seconds. */
export const objectIdOfTime = (time: number): DocumentId =>
  Math.floor(time / 1000)
    .toString(16)
    .padStart(8, '0') + '0'.repeat(16)

/** The time of an ObjectId in milliseconds. */
export const timeOfObjectId = (id: DocumentId): number => Number.parseInt(id.slice(0, 8), 16) * 1000
