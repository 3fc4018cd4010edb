// How every write is asked for, its documents as BSON bytes, and what its reply says.
import { BSON, type Document, MongoWriteConcernError } from 'mongodb'
import { DocumentSequence } from 'mongodb/lib/cmap/commands.js'
import { bsonType } from '../codec/bson-type.ts'
import { duplicatePath } from './mongo-indexes.ts'
import { DuplicateValue, StoreError } from './store-error.ts'

/** Journaled on a majority. The default of a standalone server is memory only, for up to 100 ms. */
export const writeConcern = { w: 'majority', j: true } as const

/**
 * The documents of a command as a section of their own (OP_MSG, payload type 1), as in the driver's bulk writes. Of
 * bytes it has nothing to serialize, and keys keep their order ("3" before "1"), which no JavaScript object can.
 * The class is not in the driver's public API: its version is pinned, and the contract tests fail if it changes.
 */
export function documentSequence(field: string, documents: readonly Uint8Array[]): Document {
  const sequence = new DocumentSequence(field)
  for (const bson of documents) sequence.push({}, bson)
  return sequence
}

/** A BSON document of the members of `plain`, then of those that are BSON already. */
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

/**
 * The reply to a write. The driver throws if a majority did not answer in time, although the documents are written
 * and some may have errors of their own: the reply says both.
 */
export async function replyOf(command: Promise<Document>): Promise<Document> {
  try {
    return await command
  } catch (error) {
    if (error instanceof MongoWriteConcernError) return error.result
    throw error
  }
}

/** The documents that the server refused, by their places in the command, out of a reply that is `ok` as a whole. */
export function writeErrors({ writeErrors: errors }: Document) {
  if (!Array.isArray(errors)) return []
  return errors.map(({ index, code, errmsg }: Document) => ({
    index: Number(index),
    code: Number(code),
    message: String(errmsg),
  }))
}

/** Why an applied write may be lost again, or undefined: no majority has it yet. */
export function failedConcern(reply: Document): StoreError | undefined {
  return reply.writeConcernError === undefined
    ? undefined
    : new StoreError('unavailable', 'The database could not make the write safe in time.')
}

/** Throws if the one write of the command failed. */
export function expectWritten(reply: Document): void {
  const [error] = writeErrors(reply)
  const path = error && duplicatePath(error.message)
  if (path) throw new DuplicateValue(path)
  if (error) throw new StoreError('refused', error.message)
  const concern = failedConcern(reply)
  if (concern) throw concern
}
