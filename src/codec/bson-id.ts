// The _id of a stored document, read from the front of its bytes.
import { bsonType, endOfValue } from './bson-type.ts'
import { type DocumentId, idOfText } from './document-id.ts'
import { canonicalJson } from './extended-json.ts'

// Length, type, "_id" and its end: the value begins here. MongoDB keeps the _id in front.
const valueAt = 9

/** The id of the document, whatever kind of _id it has. */
export function idOfDocument(bson: Uint8Array): DocumentId {
  const bytes = bufferOf(bson)
  const type = bytes[4] ?? 0
  if (type === bsonType.objectId) return bytes.toString('hex', valueAt, valueAt + 12)
  if (type === bsonType.string) {
    return idOfText(
      bytes.toString('utf8', valueAt + 4, valueAt + 4 + bytes.readInt32LE(valueAt) - 1),
    )
  }
  return canonicalJson(bytes, type, valueAt)
}

/** The document with the _id of a stored one, to the type, in place of its own. */
export const withIdOf = (stored: Uint8Array, bson: Uint8Array): Buffer =>
  documentOf(idElement(stored), bson.subarray(4 + idElement(bson).length))

/** A document that has the _id of this one and nothing else. */
export const idAlone = (stored: Uint8Array): Buffer => documentOf(idElement(stored), Buffer.of(0))

function documentOf(id: Uint8Array, rest: Uint8Array): Buffer {
  const document = Buffer.concat([Buffer.alloc(4), id, rest])
  document.writeInt32LE(document.length, 0)
  return document
}

const idElement = (bson: Uint8Array): Uint8Array =>
  bson.subarray(4, endOfValue(bufferOf(bson), bson[4] ?? 0, valueAt))

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength)
