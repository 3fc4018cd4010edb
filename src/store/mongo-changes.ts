// Changes of single documents: one command each, and a condition holds for what the command finds.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Document } from 'mongodb'
import type { DocumentId } from '../codec/document-id.ts'
import { type DocumentText, textOfStored } from '../codec/document-text.ts'
import { type DocumentStore, expectComparable } from './document-store.ts'
import { isUnsupported, mongoError } from './mongo-error.ts'
import { stateFilter } from './mongo-filter.ts'
import { documentSequence, expectWritten, rawDocument, writeConcern } from './mongo-write.ts'
import { changedTooFast, DuplicateValue, StoreError } from './store-error.ts'

interface ChangeOptions {
  readonly collection: string
  /** Milliseconds until a document that changes again and again is given up. */
  readonly time: number
  readonly run: (command: Document) => Promise<Document>
  readonly insert: DocumentStore['insert']
  readonly withBson: <T>(
    id: DocumentId,
    use: (bson: Uint8Array | undefined) => T | Promise<T>,
  ) => Promise<T>
}

// Milliseconds, doubled each time, before a conditional write starts over because somebody else wrote in between.
const pauses = { first: 5, most: 200 }

/** Makes those members of the store that change one document. */
export function createMongoChanges({
  collection,
  time,
  run,
  insert,
  withBson,
}: ChangeOptions): Pick<DocumentStore, 'replace' | 'change' | 'remove'> {
  // Updates and deletes have one statement per command.
  const write = async (name: 'update' | 'delete', statement: Uint8Array): Promise<Document> => {
    const field = `${name}s`
    const statements = documentSequence(field, [statement])
    const reply = await run({ [name]: collection, [field]: statements, writeConcern })
    expectWritten(reply)
    return reply
  }

  const update = (id: DocumentId, u: Uint8Array, upsert: boolean, current?: Uint8Array) =>
    write('update', rawDocument({ upsert }, { q: stateFilter(id, current), u }))

  // True if the document still was what the precondition saw.
  const replaceIf = async (id: DocumentId, bson: Uint8Array, current?: Uint8Array) =>
    (await update(id, bson, false, current)).n === 1

  const createIfAbsent = async (id: DocumentId, bson: Uint8Array) => {
    const [result] = await insert([{ id, bson }])
    if (result?.ok) return true
    if (result?.reason === 'failed') throw result.error
    if (result?.reason === 'duplicate value') throw new DuplicateValue(result.path)
    if (result?.reason === 'refused') throw new StoreError('refused', result.detail)
    return false
  }

  const removeIf = async (id: DocumentId, current?: Uint8Array) => {
    const q = stateFilter(id, current)
    return (await write('delete', rawDocument({ limit: 1 }, { q }))).n === 1
  }

  return {
    async replace({ id, bson }, precondition) {
      if (!precondition) {
        const { upserted } = await update(id, bson, true)
        return Array.isArray(upserted) ? 'created' : 'replaced'
      }
      if (precondition === 'exists') {
        return (await replaceIf(id, bson)) ? 'replaced' : 'precondition failed'
      }
      if (precondition === 'absent') {
        return (await createIfAbsent(id, bson)) ? 'created' : 'precondition failed'
      }
      const once = async (current: Uint8Array | undefined) => {
        if (!(await precondition(textOf(current)))) return 'precondition failed'
        if (current === undefined) return (await createIfAbsent(id, bson)) ? 'created' : undefined
        expectComparable(current.length, bson.length)
        return (await replaceIf(id, bson, current)) ? 'replaced' : undefined
      }
      return tryAgain(time, () => withBson(id, once))
    },

    change: (id, change) =>
      tryAgain(time, () =>
        withBson(id, async (current) => {
          if (current === undefined) return false
          const next = await change({ text: textOfStored(current), bson: () => current })
          if (next === undefined) return true
          expectComparable(current.length, next.length)
          return (await replaceIf(id, next, current)) || undefined
        }),
      ),

    async remove(id, precondition) {
      if (!precondition) return (await removeIf(id)) ? 'removed' : 'absent'
      if (precondition === 'exists') {
        return (await removeIf(id)) ? 'removed' : 'precondition failed'
      }
      const agrees =
        precondition === 'absent' ? (current?: DocumentText) => current === undefined : precondition
      const once = async (current: Uint8Array | undefined) => {
        if (!(await agrees(textOf(current)))) return 'precondition failed'
        if (current === undefined) return 'absent'
        return (await removeIf(id, current)) ? 'removed' : undefined
      }
      return tryAgain(time, () => withBson(id, once))
    },
  }
}

const textOf = (bson: Uint8Array | undefined): DocumentText | undefined =>
  bson && textOfStored(bson)

async function tryAgain<T>(time: number, once: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + time
  for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.most)) {
    try {
      const result = await once()
      if (result !== undefined) return result
    } catch (error) {
      const known = mongoError(error)
      if (!isUnsupported(known)) throw known
      const detail =
        'The database cannot compare a document while it writes it ($expr and $literal). Write it without a condition, or with *.'
      throw new StoreError('refused', detail, known.cause)
    }
    if (performance.now() + pause > end) break
    await sleep(pause * Math.random())
  }
  throw changedTooFast()
}
