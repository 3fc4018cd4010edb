// One batch of a group commit as one insert command, and each document's own result.
import { type Document, MongoServerError } from 'mongodb'
import type { EncodedDocument } from '../codec/encoded-document.ts'
import { failedInsert, type InsertResult } from './document-store.ts'
import { duplicateKey, mongoError } from './mongo-error.ts'
import { duplicatePath } from './mongo-indexes.ts'
import { documentSequence, failedConcern, writeConcern, writeErrors } from './mongo-write.ts'

/**
 * Inserts the batch, unordered. If the server refuses the command as a whole because of one document, the halves
 * are tried on their own: the writers in a batch know nothing of each other.
 * @throws StoreError if the server cannot be reached or does not answer in time
 */
export async function insertBatch(
  run: (command: Document) => Promise<Document>,
  collection: string,
  batch: readonly EncodedDocument[],
): Promise<InsertResult[]> {
  const bytes = batch.map(({ bson }) => bson)
  const documents = documentSequence('documents', bytes)
  let reply: Document
  try {
    const command = { insert: collection, documents, ordered: false, writeConcern }
    reply = await run(command)
  } catch (error) {
    const known = mongoError(error)
    if (known.fault !== 'refused' || !(known.cause instanceof MongoServerError)) throw known
    if (batch.length === 1) return [{ ok: false, reason: 'refused', detail: known.message }]
    const middle = batch.length >> 1
    return [
      ...(await insertBatch(run, collection, batch.slice(0, middle))),
      ...(await insertBatch(run, collection, batch.slice(middle))),
    ]
  }
  const concern = failedConcern(reply)
  const kept: InsertResult = concern ? failedInsert(concern) : { ok: true }
  const results: InsertResult[] = batch.map(() => kept)
  for (const { index, code, message } of writeErrors(reply)) {
    // What is there already may be lost again as well: no majority has it yet.
    if (code === duplicateKey && concern) continue
    results[index] = refused(code, message)
  }
  return results
}

function refused(code: number, detail: string): InsertResult {
  if (code !== duplicateKey) return { ok: false, reason: 'refused', detail }
  const path = duplicatePath(detail)
  return path ? { ok: false, reason: 'duplicate value', path } : { ok: false, reason: 'duplicate' }
}
