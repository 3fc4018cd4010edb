// The _id of a document: its text, what it may be, and its bytes in MongoDB's order.
import { randomBytes } from 'node:crypto'
import { compactJson, type IdKind, idKinds, kindOfExtended, parseJson } from './extended-id.ts'

/**
 * The address of an _id, before it is percent-encoded: 24 lower-case hex digits of an ObjectId; canonical Extended
 * JSON of another kind, which only other programs give; or the text that it is, as a JSON string if it would be taken
 * for one of these.
 */
export type DocumentId = string

const objectIdPattern = /^[0-9a-f]{24}$/
const anyCasePattern = /^[0-9a-f]{24}$/i
const maxBytes = 256

/** Whether the id is an ObjectId in MongoDB, and not a string. */
export const isObjectId = (id: DocumentId): boolean => objectIdPattern.test(id)

/** Why the text cannot be the _id of a new document, or undefined if it can. */
export function invalidId(text: string): string | undefined {
  if (text === '') return 'An _id must not be empty.'
  if (Buffer.byteLength(text) > maxBytes) return `An _id may have ${maxBytes} bytes in UTF-8.`
  if (!text.isWellFormed()) return 'An _id must not have half of a surrogate pair.'
  // Every client resolves these two as steps in the path, even when they are percent-encoded.
  if (text === '.' || text === '..') return `No URL can address an _id of ${JSON.stringify(text)}.`
  // It would come back in lower case, and so not equal.
  if (anyCasePattern.test(text) && !isObjectId(text)) {
    return 'An _id of 24 hex digits is an ObjectId; write it in lower case.'
  }
  return undefined
}

/** Why no document gets this id here, so that only another program can have given it; undefined if one can. */
export function foreignId(id: DocumentId): string | undefined {
  if (isObjectId(id)) return undefined
  const text = idText(id)
  if (kindOfExtended(id) !== undefined) {
    return `This service gives no document the _id that ${quotedStart(id)} stands for. As a text it has the address ${quotedStart(JSON.stringify(id))}.`
  }
  if (isObjectId(text)) return 'A new document cannot have a text of 24 hex digits as its _id.'
  return invalidId(text)
}

const quotedStart = (text: string) => (text.length <= 100 ? text : `${text.slice(0, 100)}...`)

/**
 * The id that a URL names. An ObjectId may have upper case there, Extended JSON white space, and a date
 * the relaxed form that documents are shown with.
 */
export function idFromPath(text: string): DocumentId {
  if (anyCasePattern.test(text)) return text.toLowerCase()
  const kind = kindOfExtended(text)
  if (kind === undefined) return idOfText(innerText(text) ?? text)
  return compactJson(text)
    .replace(/^\{"\$oid":"(.{24})"\}$/, '$1')
    .replace(
      /^(\{"\$date":)"(.+)"\}$/,
      (_, key, date) => `${key}{"$numberLong":"${Date.parse(date)}"}}`,
    )
}

/** The id of a document whose _id is this text, not an ObjectId. */
export const idOfText = (text: string): DocumentId =>
  isMistaken(text) ? JSON.stringify(text) : text

/** The id that a new document asks for with this text. */
export const idOfNew = (text: string): DocumentId => (isObjectId(text) ? text : idOfText(text))

/** The _id as an answer names it: the text that it is, else the id itself. */
export const idText = (id: DocumentId): string => innerText(id) ?? id

/** The kind of the id in MongoDB's order. */
export const kindOfId = (id: DocumentId): IdKind =>
  isObjectId(id) ? 'objectId' : (kindOfExtended(id) ?? 'text')

// Whether the text as an address would not be this text: no client sends a path that ends with a dot.
const isMistaken = (text: string): boolean =>
  text === '' ||
  text === '.' ||
  text === '..' ||
  anyCasePattern.test(text) ||
  kindOfExtended(text) !== undefined ||
  innerText(text) !== undefined

// The text in a JSON string, for an address that could not be the text itself.
function innerText(id: string): string | undefined {
  if (!id.startsWith('"') || !id.endsWith('"')) return undefined
  const text = parseJson(id)
  return typeof text === 'string' && isMistaken(text) ? text : undefined
}

// Bytes 5 to 9 of an ObjectId: they keep the ids of two processes apart.
const processPart = randomBytes(5)
let lastSecond = 0
let counter = 0

/**
 * A new ObjectId, greater than the one before from this process, so that "oldest first" is the order of ids: the time
 * never steps back with the clock, and the count starts again each second (at random, its 24 bits would wrap in one).
 */
export const newObjectId = (): DocumentId => newObjectIds(1)

/** The first of a series of ObjectIds, whose last three bytes count on from there; at most 16 million. */
export function newObjectIds(length: number): DocumentId {
  const second = Math.floor(Date.now() / 1000)
  if (second > lastSecond || counter + length > 0xff_ff_ff) {
    lastSecond = Math.max(second, lastSecond + 1)
    counter = 0
  }
  const bytes = Buffer.allocUnsafe(12)
  bytes.writeUInt32BE(lastSecond, 0)
  bytes.set(processPart, 4)
  bytes.writeUIntBE(counter, 9, 3)
  counter += length
  return bytes.toString('hex')
}

// MongoDB sorts strings before ObjectIds, each by its bytes; the first byte keeps that order.
const stringRank = 0x02
const objectIdRank = 0x07

/**
 * The id as bytes whose memcmp order is MongoDB's order of _id. One that only other programs give has the key of its
 * place among the others, which is nobody's.
 */
export function idKey(id: DocumentId): Uint8Array {
  if (isObjectId(id)) return Buffer.from(`0${objectIdRank}${id}`, 'hex')
  const kind = kindOfExtended(id)
  if (kind === undefined) return Buffer.concat([Buffer.of(stringRank), Buffer.from(idText(id))])
  const rank = idKinds.indexOf(kind)
  if (rank < idKinds.indexOf('text')) return Buffer.of(stringRank - 1)
  return Buffer.of(rank < idKinds.indexOf('objectId') ? stringRank + 1 : objectIdRank + 1)
}

/** The id whose key this is. */
export function idOfKey(key: Uint8Array): DocumentId {
  const bytes = Buffer.from(key.buffer, key.byteOffset + 1, key.byteLength - 1)
  return key[0] === objectIdRank ? bytes.toString('hex') : idOfText(bytes.toString('utf8'))
}
