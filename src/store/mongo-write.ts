// How every write is asked for, and what its reply says.
import { type Document, MongoWriteConcernError } from 'mongodb'
import { duplicatePath } from './mongo-indexes.ts'
import { DuplicateValue, StoreError } from './store-error.ts'

/**
 * Journaled on a majority: acknowledged is kept. The default of a standalone server is memory
 * only, for up to 100 ms.
 */
export const writeConcern = { w: 'majority', j: true } as const

/**
 * The reply to a write. The driver throws if a majority did not answer in time, although the
 * documents are written, and although some may have errors of their own: the reply says both.
 */
export async function replyOf(command: Promise<Document>): Promise<Document> {
  try {
    return await command
  } catch (error) {
    if (error instanceof MongoWriteConcernError) return error.result
    throw error
  }
}

export interface WriteError {
  /** The place of the document in the command. */
  readonly index: number
  readonly code: number
  readonly message: string
}

/** The documents that the server refused, out of a reply that is `ok` as a whole. */
export function writeErrors(reply: Document): WriteError[] {
  const errors: unknown = reply.writeErrors
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
