// What the backup job tells the pods: a collection beside the documents, which no request reaches.
import type { Document } from 'mongodb'
import { writeConcern } from './mongo-write.ts'

/** Runs a command on the database of the documents. */
type Run = (command: Document) => Promise<Document>

interface StoreState {
  /** When the last verified backup was made, in milliseconds since the epoch. */
  readonly backedUp: number | undefined
  /** The restore that asks for a moment without writes, by its name. */
  readonly heldBy: string | undefined
}

const nameOf = (collection: string) => `${collection}.state`
const backup = 'backup'
const restore = 'restore'

/** Reads the state; empty if the database has none. */
export async function readState(run: Run, collection: string): Promise<StoreState> {
  const { cursor } = await run({ find: nameOf(collection), limit: 2, singleBatch: true })
  const found: unknown[] = Array.isArray(cursor?.firstBatch) ? cursor.firstBatch : []
  const member = (id: string, name: string): unknown => {
    const entry = found.find((each) => Object(each)._id === id)
    return entry === undefined ? undefined : Object(entry)[name]
  }
  const at = member(backup, 'verified')
  const by = member(restore, 'by')
  return {
    backedUp: at instanceof Date ? at.getTime() : undefined,
    heldBy: typeof by === 'string' ? by : undefined,
  }
}

/** Notes that the documents of this time, in milliseconds, are in a backup that was restored and compared. */
export async function noteBackup(run: Run, collection: string, verified: number): Promise<void> {
  const u = { $set: { verified: new Date(verified) } }
  const updates = [{ q: { _id: backup }, u, upsert: true }]
  await run({ update: nameOf(collection), updates, writeConcern })
}

/** Asks every pod to refuse writes, in the name of this restore. */
export async function holdWrites(run: Run, collection: string, by: string): Promise<void> {
  const u = { $set: { by, at: new Date() } }
  const updates = [{ q: { _id: restore }, u, upsert: true }]
  await run({ update: nameOf(collection), updates, writeConcern })
}

/** Lets them write again, if it was asked for at least this many milliseconds ago. */
export async function releaseWrites(run: Run, collection: string, ago = 0): Promise<void> {
  const q = { _id: restore, at: { $lte: new Date(Date.now() - ago) } }
  await run({ delete: nameOf(collection), deletes: [{ q, limit: 1 }], writeConcern })
}

/** Milliseconds for which one restore holds a pod: one that was killed releases nothing. */
export const longestHold = 60_000

/** What one pod knows of it: whether writes are refused now. No clocks are compared. */
export function createHold(now = () => performance.now()) {
  let by: string | undefined
  let since = 0
  return {
    set(heldBy: string | undefined): void {
      if (heldBy !== by) since = now()
      by = heldBy
    },
    get isOn() {
      return by !== undefined && now() - since < longestHold
    },
  }
}
