// Group read: documents that are asked for while others are being fetched are fetched together.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DocumentId } from '../codec/document-id.ts'
import { smallBytes } from '../codec/document-text.ts'
import { expectRoom, StoreError } from './store-error.ts'

interface GroupReadOptions {
  /** Fetches the documents with these ids and hands over each that is there, as it comes. */
  readonly read: (ids: readonly DocumentId[], found: Found) => Promise<void>
  /** Ids of one fetch. MongoDB's first reply has up to 101 documents. */
  readonly maxIds?: number
  /** Fetches at the same time: a slow one must not hold up all others. */
  readonly atOnce?: number
}

export type Found = (id: DocumentId, bson: Uint8Array) => void

type Waiting = ReturnType<typeof Promise.withResolvers<Uint8Array | number | undefined>>

/**
 * Makes a group read. Alone, an id waits for nothing but the end of the present turn of the event loop. Under load one
 * round trip fetches all that came meanwhile, each document once, and sees what was written before its ids were asked
 * for. A large document is not held: 100 of 16 MiB would be 1.6 GiB.
 */
export function createGroupRead({ read, maxIds = 100, atOnce = 2 }: GroupReadOptions) {
  let waiting = new Map<DocumentId, Waiting>()
  let running = 0

  const nextGroup = (): Map<DocumentId, Waiting> => {
    if (waiting.size <= maxIds) {
      const group = waiting
      waiting = new Map()
      return group
    }
    const group = new Map(Iterator.from(waiting).take(maxIds))
    for (const id of group.keys()) waiting.delete(id)
    return group
  }

  const rejectAll = (group: ReadonlyMap<DocumentId, Waiting>, error: unknown) => {
    for (const { reject } of group.values()) reject(error)
  }

  const run = async () => {
    while (waiting.size > 0) {
      const group = nextGroup()
      try {
        await read([...group.keys()], (id, bson) =>
          group.get(id)?.resolve(bson.length > smallBytes ? bson.length : bson),
        )
        for (const { resolve } of group.values()) resolve(undefined)
      } catch (error) {
        rejectAll(group, error)
        // What waited for it has waited long enough.
        if (error instanceof StoreError && error.fault === 'unavailable') {
          rejectAll(waiting, error)
          waiting = new Map()
        }
      }
      await nextTurn()
    }
    running--
  }

  return {
    /**
     * Resolves with undefined if there is no such document, and with its size if that is large.
     * @throws StoreError `overloaded` if 10,000 other ids wait
     */
    async get(id: DocumentId): Promise<Uint8Array | number | undefined> {
      const already = waiting.get(id)
      if (already) return already.promise
      expectRoom(waiting.size, 'reads')
      const entry: Waiting = Promise.withResolvers()
      waiting.set(id, entry)
      if (running < atOnce) {
        running++
        // After the poll phase, so that all ids asked for in this turn go together.
        setImmediate(run)
      }
      return entry.promise
    },
  }
}
