// The _id of a stored document, read from the front of its bytes.
import { type DocumentId, invalidId, isObjectId } from './document-id.ts'

/**
 * The id that the document has in a URL. Undefined where no URL can name it: another program gave
 * it an _id of another type, or a text that this service refuses.
 */
export function idOfDocument(bson: Uint8Array): DocumentId | undefined {
  const id = idTextOf(bson)
  if (id === undefined || bson[4] === 0x07) return id
  return isObjectId(id) || invalidId(id) !== undefined ? undefined : id
}

/** The text of an _id that is an ObjectId or a string, whatever the text is. */
export function idTextOf(bson: Uint8Array): string | undefined {
  const bytes = Buffer.from(bson.buffer, bson.byteOffset, bson.byteLength)
  // Length, type, "_id" and its end: the value begins at 9. MongoDB keeps the _id in front.
  if (bytes.toString('latin1', 5, 9) !== '_id\0') return undefined
  if (bytes[4] === 0x07) return bytes.toString('hex', 9, 21)
  if (bytes[4] !== 0x02) return undefined
  return bytes.toString('utf8', 13, 13 + bytes.readInt32LE(9) - 1)
}
