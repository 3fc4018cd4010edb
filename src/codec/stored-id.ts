// The _id of a stored document: read from the front of its BSON or of its JSON, and as the value of a query.
import { bsonType, bufferOf } from './bson-type.ts'
import { type DocumentId, idOfNew, idOfText, idText, isObjectId } from './document-id.ts'
import { kindOfExtended, parseJson } from './extended-id.ts'
import { canonicalJson, loadBson } from './extended-json.ts'
import { Refusal } from './refusal.ts'

// Length, type, "_id" and its end: the value begins here. MongoDB keeps the _id in front.
const valueAt = 9

/** The id of the document, of any kind. */
export function idOfBson(bson: Uint8Array): DocumentId {
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

const front = '{"_id":"'

/**
 * The id of the document whose canonical JSON begins at `start`, if this service gave it: another program's may be of
 * any kind, and does not tell its type. Undefined if it is not one.
 */
export function ownIdOfJson(json: Buffer, start: number): DocumentId | undefined {
  const textAt = start + front.length
  if (json.toString('latin1', start, textAt) !== front) return undefined
  let end = textAt
  while (end < json.length && json[end] !== 0x22) end += json[end] === 0x5c ? 2 : 1
  const source = json.toString('utf8', textAt, end)
  const text = source.includes('\\') ? parseJson(`"${source}"`) : source
  return typeof text === 'string' ? idOfNew(text) : undefined
}

/**
 * The value of the _id. Whatever a client wrote into an address, it is a value and never an operator.
 * @throws Refusal if Extended JSON has no value, such as a number that overflows, or is not spelled canonically
 */
export function idValue(id: DocumentId): unknown {
  if (isObjectId(id)) return new (loadBson().ObjectId)(id)
  if (kindOfExtended(id) === undefined) return idText(id)
  const value = parsed(id)
  const canonical = value === undefined ? undefined : idOfBson(loadBson().serialize({ _id: value }))
  if (canonical === id) return value
  const instead = canonical === undefined ? 'is not a value' : `is to be written as ${canonical}`
  throw new Refusal('invalid_id', `As an _id ${id.slice(0, 100)} ${instead}.`)
}

function parsed(id: string): unknown {
  try {
    return inOrder(loadBson().EJSON.parse(markedKeys(id), { relaxed: false }))
  } catch {
    return undefined
  }
}

// As keys of an object numbers would come first, and __proto__ not at all: they are marked until it is a Map.
const mark = '.'
const markedKeys = (json: string) =>
  json.replace(/"((?:[^"\\]|\\.)*)"(:?)/g, (token, key: string, colon: string) =>
    colon !== '' && /^(?:\d|__proto__$|\.)/.test(key) ? `"${mark}${key}":` : token,
  )

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  if (Object.getPrototypeOf(value) !== Object.prototype) return value // a type of the driver
  return new Map(
    Object.entries(value).map(([key, member]) => [
      key.startsWith(mark) ? key.slice(mark.length) : key,
      inOrder(member),
    ]),
  )
}
