// A document as BSON, put together: its _id first, where MongoDB keeps it, then its other elements.
import { bsonType } from './bson-type.ts'
import { type DocumentId, idText, isObjectId } from './document-id.ts'
import { kindOfExtended } from './extended-id.ts'
import { loadBson } from './extended-json.ts'
import { idValue } from './stored-id.ts'

/** A document as BSON bytes, its _id first. */
export interface EncodedDocument {
  readonly id: DocumentId
  readonly bson: Uint8Array
}

/** What a document costs in memory beside its BSON until it has its answer: views, its _id, places in queues. */
export const bytesOfDocument = 700

const keyBytes = Buffer.from('_id\0')

/** The BSON document of the id and of `elements`, the bytes between a document's length and end. */
export function withId(id: DocumentId, elements: Uint8Array): Buffer {
  const objectId = isObjectId(id)
  if (!objectId && kindOfExtended(id) !== undefined) return withForeignId(id, elements)
  const text = objectId ? id : idText(id)
  const idBytes = objectId ? 12 : 4 + Buffer.byteLength(text) + 1
  const length = 4 + 1 + keyBytes.length + idBytes + elements.length + 1
  const document = Buffer.allocUnsafe(length)
  let at = document.writeInt32LE(length, 0)
  document[at++] = objectId ? bsonType.objectId : bsonType.string
  document.set(keyBytes, at)
  at += keyBytes.length
  if (objectId) {
    at += document.write(id, at, 'hex')
  } else {
    at = document.writeInt32LE(idBytes - 4, at)
    at += document.write(text, at)
    document[at++] = 0
  }
  document.set(elements, at)
  document[length - 1] = 0
  return document
}

// Down to its type: a database refuses to replace an _id by one of another type.
function withForeignId(id: DocumentId, elements: Uint8Array): Buffer {
  const front = loadBson()
    .serialize({ _id: idValue(id) })
    .subarray(0, -1)
  const document = Buffer.concat([front, elements, Buffer.of(0)])
  document.writeInt32LE(document.length, 0)
  return document
}

/** Room for the front of nearly every document: its length and an _id of 256 bytes. */
export const idRoom = 512

/**
 * The document of the id and of the elements from `idRoom` to `end`, in these same bytes if there is room for the _id:
 * a large document is not copied.
 */
export function prependId(id: DocumentId, bytes: Buffer, end: number): Buffer {
  const front = withId(id, Buffer.alloc(0)).subarray(0, -1)
  const start = idRoom - front.length
  if (start < 0) return withId(id, bytes.subarray(idRoom, end))
  bytes.set(front, start)
  bytes[end] = 0
  bytes.writeInt32LE(end + 1 - start, start)
  return bytes.subarray(start, end + 1)
}
