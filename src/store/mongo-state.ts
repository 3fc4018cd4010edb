// What the backup job tells the pods: a collection beside the documents, which no request reaches.
import type { Document } from 'mongodb'
import { writeConcern } from './mongo-write.ts'

type Run = (command: Document) => Promise<Document>

const nameOf = (collection: string) => `${collection}.state`
const backup = 'backup'
const restore = 'restore'

/**
 * When the last verified backup was made, in ms since the epoch, and the name of the restore that asks for a moment
 * without writes.
 */
export async function readState(run: Run, collection: string) {
  const { cursor } = await run({ find: nameOf(collection), limit: 2, singleBatch: true })
  const found: unknown[] = Array.isArray(cursor?.firstBatch) ? cursor.firstBatch : []
  const entry = (id: string) => Object(found.find((each) => Object(each)._id === id))
  const at: unknown = entry(backup).verified
  const by: unknown = entry(restore).by
  return {
    backedUp: at instanceof Date ? at.getTime() : undefined,
    heldBy: typeof by === 'string' ? by : undefined,
  }
}

async function set(run: Run, collection: string, _id: string, $set: Document): Promise<void> {
  const updates = [{ q: { _id }, u: { $set }, upsert: true }]
  await run({ update: nameOf(collection), updates, writeConcern })
}

/** Notes that the documents of this time, in milliseconds, are in a verified backup. */
export const noteBackup = (run: Run, collection: string, verified: number) =>
  set(run, collection, backup, { verified: new Date(verified) })

/** Asks every pod to refuse writes, for this restore. */
export const holdWrites = (run: Run, collection: string, by: string) =>
  set(run, collection, restore, { by, at: new Date() })

/** Lets them write again, if it was asked for at least this many milliseconds ago. */
export async function releaseWrites(run: Run, collection: string, ago = 0): Promise<void> {
  const q = { _id: restore, at: { $lte: new Date(Date.now() - ago) } }
  await run({ delete: nameOf(collection), deletes: [{ q, limit: 1 }], writeConcern })
}

/** Milliseconds that one restore holds a pod: one that was killed releases nothing. */
export const longestHold = 60_000

/** Whether writes are refused on this pod now. No clocks are compared. */
export function createHold() {
  let by: string | undefined
  let since = 0
  return {
    set(heldBy: string | undefined): void {
      if (heldBy !== by) since = performance.now()
      by = heldBy
    },
    get isOn() {
      return by !== undefined && performance.now() - since < longestHold
    },
  }
}
