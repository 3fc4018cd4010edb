// The BSON types that JSON lacks, as relaxed Extended JSON v2, for documents of other programs.
import { createRequire } from 'node:module'

// Loaded when the first such value comes: the driver takes 80 to 140 ms, and the embedded store,
// which never meets one, should start without it.
const load = createRequire(import.meta.url)
let driver: typeof import('mongodb') | undefined
function bson(): typeof import('mongodb').BSON {
  const loaded: typeof import('mongodb') = driver ?? load('mongodb')
  driver = loaded
  return loaded.BSON
}

/**
 * The JSON of the value of this type at `at`, and where the next element begins.
 * The driver's own code reads it: these types are rare here, and it knows them all.
 */
export function extendedJson(
  source: Buffer,
  type: number,
  at: number,
): { json: string; next: number } {
  return { json: driversJson(source, type, at, true), next: endOfValue(source, type, at) }
}

/**
 * The canonical Extended JSON of the value of this type at `at`. Objects are read here: as objects of
 * JavaScript they would lose the order of keys such as "3", which makes another _id of them.
 */
export function canonicalJson(source: Buffer, type: number, at: number): string {
  // A driver's date ends with the year 275760.
  if (type === 0x09) return `{"$date":{"$numberLong":"${source.readBigInt64LE(at)}"}}`
  if (type !== 0x03 && type !== 0x04) return driversJson(source, type, at, false)
  const parts: string[] = []
  const end = at + source.readInt32LE(at) - 1
  for (let element = at + 4; element < end; ) {
    const elementType = source[element] ?? 0
    const keyEnd = source.indexOf(0, element + 1)
    const json = canonicalJson(source, elementType, keyEnd + 1)
    const key = JSON.stringify(source.toString('utf8', element + 1, keyEnd))
    parts.push(type === 0x03 ? `${key}:${json}` : json)
    element = endOfValue(source, elementType, keyEnd + 1)
  }
  return type === 0x03 ? `{${parts}}` : `[${parts}]`
}

function driversJson(source: Buffer, type: number, at: number, relaxed: boolean): string {
  const value = source.subarray(at, endOfValue(source, type, at))
  const head = Buffer.from([0, 0, 0, 0, type, 0x76, 0]) // a document of one element, "v"
  const document = Buffer.concat([head, value, Buffer.of(0)])
  document.writeInt32LE(document.length, 0)
  const { v } = bson().deserialize(document, { promoteValues: false, bsonRegExp: true })
  return bson().EJSON.stringify(v, { relaxed })
}

/** Where the value of this type at `at` ends. */
export const endOfValue = (source: Buffer, type: number, at: number): number =>
  at + valueLength(source, type, at)

const fixedLengths = new Map([
  [0x01, 8], // double
  [0x06, 0], // undefined
  [0x07, 12], // ObjectId
  [0x08, 1], // boolean
  [0x09, 8], // date
  [0x0a, 0], // null
  [0x10, 4], // int32
  [0x11, 8], // timestamp
  [0x12, 8], // int64
  [0x13, 16], // decimal128
  [0x7f, 0], // MaxKey
  [0xff, 0], // MinKey
])

function valueLength(source: Buffer, type: number, at: number): number {
  const fixed = fixedLengths.get(type)
  if (fixed !== undefined) return fixed
  switch (type) {
    case 0x03: // object
    case 0x04: // array
      return source.readInt32LE(at)
    case 0x05: // binary: length, subtype, bytes
      return 4 + 1 + source.readInt32LE(at)
    case 0x0b: {
      // regular expression: two C strings
      const pattern = source.indexOf(0, at)
      return source.indexOf(0, pattern + 1) + 1 - at
    }
    case 0x0c: // DBPointer: string, ObjectId
      return 4 + source.readInt32LE(at) + 12
    case 0x02: // string
    case 0x0d: // code
    case 0x0e: // symbol
      return 4 + source.readInt32LE(at)
    case 0x0f: // code with scope: its length counts itself
      return source.readInt32LE(at)
    default:
      throw new RangeError(`BSON has no type 0x${type.toString(16)}`)
  }
}
