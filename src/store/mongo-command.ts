// Commands whose documents go to the server as the BSON bytes that they are.
import { BSON, type Document } from 'mongodb'
import { DocumentSequence } from 'mongodb/lib/cmap/commands.js'
import { bsonType } from '../codec/bson-type.ts'

/**
 * The documents of a command as a section of their own (OP_MSG, payload type 1). The driver sends
 * its own bulk writes so; given bytes instead of objects it has nothing to serialize, and keys stay
 * in order ("3" before "1"), which no JavaScript object could keep.
 * The class is not of the driver's public API: its version is pinned, and the contract tests fail
 * where it changes.
 */
export function documentSequence(field: string, documents: readonly Uint8Array[]): Document {
  const sequence = new DocumentSequence(field)
  for (const bson of documents) sequence.push({}, bson)
  return sequence
}

/** A BSON document of the members of `plain`, then of those that are BSON documents already. */
export function rawDocument(
  plain: Document,
  raw: Readonly<Record<string, Uint8Array>>,
): Uint8Array {
  const parts: Uint8Array[] = [BSON.serialize(plain).subarray(0, -1)]
  const type = String.fromCharCode(bsonType.object)
  for (const [key, bson] of Object.entries(raw)) parts.push(Buffer.from(`${type}${key}\0`), bson)
  const document = Buffer.concat([...parts, Buffer.of(0)])
  document.writeInt32LE(document.length, 0)
  return document
}
