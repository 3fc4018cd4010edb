// The _id of a stored document, read from the front of its BSON or of its JSON.
import { bsonType } from './bson-type.ts'
import { type DocumentId, idOfNew, idOfText } from './document-id.ts'
import { canonicalJson } from './extended-json.ts'

// Length, type, "_id" and its end: the value begins here. MongoDB keeps the _id in front.
const valueAt = 9

/** The id of the document, whatever kind of _id it has. */
export function idOfBson({ buffer, byteOffset, byteLength }: Uint8Array): DocumentId {
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  const type = bytes[4] ?? 0
  if (type === bsonType.objectId) return bytes.toString('hex', valueAt, valueAt + 12)
  if (type === bsonType.string) {
    return idOfText(
      bytes.toString('utf8', valueAt + 4, valueAt + 4 + bytes.readInt32LE(valueAt) - 1),
    )
  }
  return canonicalJson(bytes, type, valueAt)
}

const front = '{"_id":"'

/**
 * The id of the document whose canonical JSON begins at `start`. Only of one that this service gave its
 * _id: another program's may be of any kind, and does not tell its type. Undefined if it is none.
 */
export function ownIdOfJson(json: Buffer, start: number): DocumentId | undefined {
  const textAt = start + front.length
  if (json.toString('latin1', start, textAt) !== front) return undefined
  let end = textAt
  while (end < json.length && json[end] !== 0x22) end += json[end] === 0x5c ? 2 : 1
  const text = json.toString('utf8', textAt, end)
  try {
    return idOfNew(text.includes('\\') ? JSON.parse(`"${text}"`) : text)
  } catch {
    return undefined
  }
}
