// The _id of a document: its text, what it may be, and its bytes in MongoDB's order.
import { randomBytes } from 'node:crypto'

/**
 * The text form of an _id. 24 lower-case hex digits stand for an ObjectId, any other text for
 * itself as a string: the two never meet, so the text is enough to tell them apart.
 */
export type DocumentId = string

const objectIdPattern = /^[0-9a-f]{24}$/
const maxBytes = 256

/** Whether the id is an ObjectId in MongoDB, and not a string. */
export const isObjectId = (id: DocumentId): boolean => objectIdPattern.test(id)

/** Why the text cannot be the _id of a new document, or undefined where it can. */
export function invalidId(id: string): string | undefined {
  if (id === '') return 'An _id must not be empty.'
  if (Buffer.byteLength(id) > maxBytes) return `An _id may have ${maxBytes} bytes in UTF-8.`
  if (!id.isWellFormed()) return 'An _id must not have half of a surrogate pair.'
  // Every client resolves these two as steps in the path, even when they are percent-encoded.
  if (id === '.' || id === '..') return `No URL can address an _id of ${JSON.stringify(id)}.`
  // It would come back in lower case, and so not equal.
  if (/^[0-9a-f]{24}$/i.test(id) && !isObjectId(id)) {
    return 'An _id of 24 hex digits is an ObjectId; write it in lower case.'
  }
  return undefined
}

/** The id that a URL names: an ObjectId may be written in upper case there. */
export const idFromPath = (text: string): DocumentId =>
  /^[0-9a-f]{24}$/i.test(text) ? text.toLowerCase() : text

// Bytes 5 to 9 of an ObjectId: they keep the ids of two processes apart.
const processPart = randomBytes(5)
let lastSecond = 0
let counter = 0

/**
 * A new ObjectId, always greater than the one before from this process, so that "oldest first"
 * is the order of ids: the time never steps back with the clock, and the count starts anew each
 * second instead of at random (it has 24 bits, and would wrap in the middle of one).
 */
export function newObjectId(): DocumentId {
  const second = Math.floor(Date.now() / 1000)
  if (second > lastSecond || counter === 0xff_ff_ff) {
    lastSecond = Math.max(second, lastSecond + 1)
    counter = 0
  }
  const bytes = Buffer.allocUnsafe(12)
  bytes.writeUInt32BE(lastSecond, 0)
  bytes.set(processPart, 4)
  bytes.writeUIntBE(counter++, 9, 3)
  return bytes.toString('hex')
}

// MongoDB sorts strings before ObjectIds, each by its bytes; the first byte keeps that order.
const stringRank = 0x02
const objectIdRank = 0x07

/** The id as bytes whose memcmp order is MongoDB's order of _id. */
export function idKey(id: DocumentId): Uint8Array {
  return isObjectId(id)
    ? Buffer.from(`${objectIdRank.toString(16).padStart(2, '0')}${id}`, 'hex')
    : Buffer.concat([Buffer.of(stringRank), Buffer.from(id)])
}

/** The id whose key this is. */
export function idOfKey(key: Uint8Array): DocumentId {
  const bytes = Buffer.from(key.buffer, key.byteOffset + 1, key.byteLength - 1)
  return key[0] === objectIdRank ? bytes.toString('hex') : bytes.toString('utf8')
}
