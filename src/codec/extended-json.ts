// The BSON types that JSON lacks, as relaxed Extended JSON v2, for documents of other programs.
import { createRequire } from 'node:module'
import { bsonType, endOfValue } from './bson-type.ts'

const load = createRequire(import.meta.url)
let loaded: typeof import('bson') | undefined

/** The driver's own codec, loaded when it is needed first: the embedded store, which never does, starts without it. */
export function loadBson(): typeof import('bson') {
  const module: typeof import('bson') = loaded ?? load('bson')
  loaded = module
  return module
}

/** The JSON of the value of this type at `at`, by the driver: such types are rare, and it knows them all. */
export function extendedJson(source: Buffer, type: number, at: number, relaxed = true): string {
  const value = source.subarray(at, endOfValue(source, type, at))
  const head = Buffer.from([0, 0, 0, 0, type, 0x76, 0]) // a document of one element, "v"
  const document = Buffer.concat([head, value, Buffer.of(0)])
  document.writeInt32LE(document.length, 0)
  const { v } = loadBson().deserialize(document, { promoteValues: false, bsonRegExp: true })
  return loadBson().EJSON.stringify(v, { relaxed })
}

/**
 * The same as canonical Extended JSON. Objects are read here: as objects of JavaScript they would lose the order of
 * keys such as "3", which makes another _id of them.
 */
export function canonicalJson(source: Buffer, type: number, at: number): string {
  // A driver's date ends with the year 275760.
  if (type === bsonType.date) return `{"$date":{"$numberLong":"${source.readBigInt64LE(at)}"}}`
  if (type !== bsonType.object && type !== bsonType.array) {
    return extendedJson(source, type, at, false)
  }
  const parts: string[] = []
  const end = at + source.readInt32LE(at) - 1
  for (let element = at + 4; element < end; ) {
    const elementType = source[element] ?? 0
    const keyEnd = source.indexOf(0, element + 1)
    const json = canonicalJson(source, elementType, keyEnd + 1)
    const key = JSON.stringify(source.toString('utf8', element + 1, keyEnd))
    parts.push(type === bsonType.object ? `${key}:${json}` : json)
    element = endOfValue(source, elementType, keyEnd + 1)
  }
  return type === bsonType.object ? `{${parts}}` : `[${parts}]`
}
