// The types of BSON (bsonspec.org, version 1.1), and how long a value of each is.

/** The byte before an element's key. */
export const bsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  regularExpression: 0x0b,
  dbPointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal128: 0x13,
  maxKey: 0x7f,
  minKey: 0xff,
} as const

const fixedLengths = new Map<number, number>([
  [bsonType.double, 8],
  [bsonType.undefined, 0],
  [bsonType.objectId, 12],
  [bsonType.boolean, 1],
  [bsonType.date, 8],
  [bsonType.null, 0],
  [bsonType.int32, 4],
  [bsonType.timestamp, 8],
  [bsonType.int64, 8],
  [bsonType.decimal128, 16],
  [bsonType.maxKey, 0],
  [bsonType.minKey, 0],
])

/** The same bytes, not copied. */
export const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** Where the value of this type at `at` ends. */
export function endOfValue(source: Buffer, type: number, at: number): number {
  const fixed = fixedLengths.get(type)
  if (fixed !== undefined) return at + fixed
  switch (type) {
    case bsonType.object:
    case bsonType.array:
    case bsonType.codeWithScope: // its length counts itself
      return at + source.readInt32LE(at)
    case bsonType.binary: // length, subtype, bytes
      return at + 4 + 1 + source.readInt32LE(at)
    case bsonType.regularExpression: // two C strings
      return source.indexOf(0, source.indexOf(0, at) + 1) + 1
    case bsonType.dbPointer: // string, ObjectId
      return at + 4 + source.readInt32LE(at) + 12
    case bsonType.string:
    case bsonType.code:
    case bsonType.symbol:
      return at + 4 + source.readInt32LE(at)
    default:
      throw new RangeError(`BSON has no type 0x${type.toString(16)}`)
  }
}
