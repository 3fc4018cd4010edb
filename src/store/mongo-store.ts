// The store on MongoDB: group commit on the way in, JSON straight from raw BSON on the way out.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Collection, Document, MongoClient } from 'mongodb'
import type { DocumentId } from '../codec/document-id.ts'
import { type DocumentText, textOfBson } from '../codec/document-text.ts'
import { kindOfExtended } from '../codec/extended-id.ts'
import { idOfBson } from '../codec/stored-id.ts'
import type { IndexSpec } from '../query/indexes.ts'
import { subsetOf, supersetOf } from '../query/mongo-query.ts'
import { isId } from '../query/path.ts'
import { beginningClaim, encodeClaim, objectIdOfTime } from './claim.ts'
import {
  type DocumentStore,
  expectComparable,
  type Range,
  type ReplaceResult,
} from './document-store.ts'
import { createGroupCommit } from './group-commit.ts'
import { createGroupRead, type Found } from './group-read.ts'
import { createLargeQueue } from './large-documents.ts'
import { createLimiter } from './limiter.ts'
import { documentSequence, rawDocument } from './mongo-command.ts'
import { connectMongo } from './mongo-connection.ts'
import { isUnsupported, mongoError } from './mongo-error.ts'
import { idsFilter, rangeFilter, rangesBefore, stateFilter } from './mongo-filter.ts'
import { createMongoFind, objectIdOf } from './mongo-find.ts'
import { makeMongoIndexes } from './mongo-indexes.ts'
import { insertBatch } from './mongo-insert.ts'
import { writePieces } from './mongo-list.ts'
import { createHold, readState } from './mongo-state.ts'
import { expectWritten, replyOf, writeConcern } from './mongo-write.ts'
import { DuplicateValue, StoreError } from './store-error.ts'

export interface MongoStoreOptions {
  readonly uri: string
  readonly database: string
  readonly collection: string
  readonly indexes?: readonly IndexSpec[]
  /** A collection that a restore fills or has put aside: it has no claims. */
  readonly isRestore?: boolean
  /** Whether nobody waits for an answer: a slow database is waited for longer. */
  readonly isJob?: boolean
  /** Told what becomes of the indexes. */
  readonly onProgress?: (words: string) => void
  /** Told of every failed attempt to connect, and of the one that works. */
  readonly onAttempt?: (error: unknown) => void
}

// Milliseconds of one call. A database that is away is noticed sooner (mongo-connection.ts);
// these end the wait for one that is there and says nothing.
const requestTimes = { ping: 1000, read: 5000, write: 10_000, count: 20_000, index: 86_400_000 }
// For the backup job, for which nobody waits: a server may sort all documents before it gives the first.
const jobTimes = { ...requestTimes, ping: 10_000, read: 300_000, write: 60_000 }

// Documents of the first reply; the next ones are as many as half a MiB holds, but at most twice as
// many as the last: large ones may come after small ones. The server ends a reply only at 16 MiB,
// and each reader holds one: 40 slow readers held 600 MB with a fixed number of 500.
const firstBatch = 50
const batchBytes = 512 * 1024

// Batches that are being fetched at once. The rest of the connections is for what is quicker: with
// as many slow scans as connections, pings would fail too, and take every pod out of service.
const fetchesAtOnce = 10

// Lists of the whole collection begin one after the other: a server that sorts its documents for ten of
// them at once keeps a write for 181 ms (p99, 20,000 documents, FerretDB), for one for 35 ms.
const scansAtOnce = 1

// The _ids of one query: they have up to 256 bytes each, and a query may have 16 MiB.
const idsAtOnce = 1000

const beingReplaced =
  'The documents are being replaced by those of a backup: ask again in a moment.'

// Milliseconds, doubled each time, that a conditional write waits before it starts over because
// somebody else wrote in between.
const pauses = { first: 5, most: 200 }

/**
 * Opens the store. It returns at once and connects in the background, for as long as it takes.
 * @throws StoreError if the connection string is wrong, or names another database
 */
export function openMongoStore(options: MongoStoreOptions): DocumentStore {
  const {
    uri,
    database,
    collection,
    onAttempt,
    indexes: specs = [],
    isRestore = false,
    isJob = false,
  } = options
  const timeouts = isJob ? jobTimes : requestTimes
  let isClosed = false
  let hasWritten = false
  const onLost = () => {
    hasWritten = false
  }
  const claimsCollection = `${collection}.claims`
  const hold = createHold()
  let backedUp: number | undefined
  const prepare = async (client: MongoClient) => {
    if (isRestore) return
    const db = client.db(database)
    if (await db.collection(collection).findOne({}, { projection: { _id: 1 } })) return
    const { bson } = encodeClaim(beginningClaim, objectIdOfTime(Date.now()))
    const documents = documentSequence('documents', [bson])
    await db.command({ insert: claimsCollection, documents, writeConcern })
  }
  const connection = connectMongo({
    uri,
    database,
    prepare,
    onLost,
    ...(isJob && { silence: timeouts.read + 10_000 }),
    ...(onAttempt && { onAttempt }),
  })
  const query = <T>(work: (documents: Collection<Document>, signal: AbortSignal) => Promise<T>) =>
    connection.use(timeouts.read, (client, signal) =>
      work(client.db(database).collection(collection), signal),
    )
  const command = (document: Document, milliseconds = timeouts.write) =>
    connection.use(milliseconds, (client, signal) =>
      replyOf(client.db(database).command(document, { signal })),
    )

  const fetches = createLimiter(fetchesAtOnce, timeouts.read)
  const scans = createLimiter(scansAtOnce, timeouts.read)
  const large = createLargeQueue()
  // Reads go on, and so do claims: a restore leaves them where they are.
  const writeCommand = (document: Document) => {
    if (hold.isOn) throw new StoreError('unavailable', beingReplaced)
    return command(document)
  }
  const commit = createGroupCommit({
    write: (batch) => insertBatch(async (each) => writeCommand(each), collection, batch),
  })

  const claims = createGroupCommit({
    write: (batch) => insertBatch(command, claimsCollection, batch),
  })

  const fetchAll = (ids: readonly DocumentId[], found: Found, from = collection) =>
    connection.use(timeouts.read, async (client, signal) => {
      const documents = client.db(database).collection(from)
      const cursor = documents.find(idsFilter(ids), { raw: true, signal })
      while (await cursor.hasNext()) {
        for (const bson of cursor.readBufferedDocuments().flatMap(bytesOf)) {
          found(idOfBson(bson), bson)
        }
      }
    })
  const { get: findGrouped } = createGroupRead({ read: (ids, found) => fetchAll(ids, found) })
  const fetchOne = async (id: DocumentId, from = collection) => {
    let found: Uint8Array | undefined
    const keep: Found = (_, bson) => {
      found = bson
    }
    await fetchAll([id], keep, from)
    return found
  }
  // Alone, if the document may have another id than the one that finds it: 1.0 finds 1.
  const find = (id: DocumentId) =>
    kindOfExtended(id) === undefined ? findGrouped(id) : fetchOne(id)

  // A large document is fetched once more, alone: only its bytes tell that it is large.
  const withBson = async <T>(
    id: DocumentId,
    use: (bson: Uint8Array | undefined) => T | Promise<T>,
  ): Promise<T> => {
    const found = await find(id)
    if (typeof found !== 'number') return use(found)
    return large(found, async () => use(await fetchOne(id)))
  }
  const read: DocumentStore['read'] = (id, use) => withBson(id, (bson) => use(textOf(bson)))

  let rare: Promise<boolean> | undefined
  const knowsRareTypes = () => {
    rare ??= command({ buildInfo: 1 }, timeouts.ping).then((info) => !('ferretdbVersion' in info))
    rare.catch(() => {
      rare = undefined
    })
    return rare
  }

  const filterOf = async (range: Range): Promise<Document> =>
    range.after === undefined && range.through === undefined
      ? {}
      : rangeFilter(range, await knowsRareTypes())

  // Updates and deletes have one statement a command.
  const write = async (name: 'update' | 'delete', statement: Uint8Array): Promise<Document> => {
    const field = `${name}s`
    const statements = documentSequence(field, [statement])
    const reply = await writeCommand({ [name]: collection, [field]: statements, writeConcern })
    expectWritten(reply)
    return reply
  }

  const replaceAny = async (id: DocumentId, bson: Uint8Array): Promise<ReplaceResult> => {
    const q = stateFilter(id, undefined)
    const reply = await write('update', rawDocument({ upsert: true }, { q, u: bson }))
    return Array.isArray(reply.upserted) ? 'created' : 'replaced'
  }

  // True where the document still was what the precondition saw.
  const replaceIf = async (id: DocumentId, bson: Uint8Array, current?: Uint8Array) => {
    const q = stateFilter(id, current)
    const reply = await write('update', rawDocument({ upsert: false }, { q, u: bson }))
    return reply.n === 1
  }

  const createIfAbsent = async (id: DocumentId, bson: Uint8Array) => {
    const [result] = await commit.insert([{ id, bson }])
    if (result?.ok) return true
    if (result?.reason === 'failed') throw result.error
    if (result?.reason === 'duplicate value') throw new DuplicateValue(result.path)
    if (result?.reason === 'refused') throw new StoreError('refused', result.detail)
    return false
  }

  const removeIf = async (id: DocumentId, current?: Uint8Array) => {
    const q = stateFilter(id, current)
    const reply = await write('delete', rawDocument({ limit: 1 }, { q }))
    return reply.n === 1
  }

  async function* batches(
    filter: Document,
    options: { sort?: Document; limit?: number; skip?: number },
    begins = fetches,
  ) {
    const find = { find: collection, filter, ...options, batchSize: firstBatch }
    const cursor = await connection.use(timeouts.read, async (client) =>
      client.db(database).runCursorCommand(find, { raw: true }),
    )
    const fetch = () => connection.use(timeouts.read, () => cursor.hasNext())
    try {
      let turns = begins
      while (await turns.run(fetch)) {
        // Its next batches do not wait for those that begin.
        turns = fetches
        const documents = cursor.readBufferedDocuments().flatMap(bytesOf)
        const bytes = documents.reduce((sum, { length }) => sum + length, 0)
        cursor.setBatchSize(nextBatchSize(documents.length, bytes))
        yield { documents, bytes, isLast: cursor.id?.isZero() === true }
      }
    } finally {
      // Not waited for: the server may be the one that said nothing for so long.
      void cursor.close().catch(() => {})
    }
  }

  const words = async () => ({ objectId: objectIdOf, rareTypes: await knowsRareTypes() })
  const countDocuments = (filter: Document) =>
    connection.use(timeouts.count, (client, signal) =>
      client.db(database).collection(collection).countDocuments(filter, { signal }),
    )

  const indexes = makeMongoIndexes({
    specs,
    collection,
    command: (document) => command(document, timeouts.index),
    say: options.onProgress ?? (() => {}),
    isClosed: () => isClosed,
  })

  return {
    name: 'MongoDB',
    get indexes() {
      return indexes.status
    },
    get waiting() {
      return commit.waiting
    },
    get backedUp() {
      return backedUp
    },
    insert: commit.insert,
    get: (id) => read(id, (text) => text),
    read,

    async *getMany(ids) {
      for (let at = 0; at < ids.length; at += idsAtOnce) {
        const filter = idsFilter(ids.slice(at, at + idsAtOnce))
        for await (const { documents } of batches(filter, { sort: { _id: 1 } })) {
          yield documents.map(textOfDocument)
        }
      }
    },

    async *list(range = {}, between = '') {
      const begins = range.through === undefined ? scans : fetches
      yield* writePieces(batches(await filterOf(range), { sort: { _id: 1 } }, begins), between)
    },

    async *newest(limit, before) {
      let left = limit
      const rareTypes = before === undefined || (await knowsRareTypes())
      for (const range of rangesBefore(before, rareTypes)) {
        if (left <= 0) return
        for await (const { documents } of batches(range, { sort: { _id: -1 }, limit: left })) {
          yield documents.map(textOfDocument)
          left -= documents.length
        }
      }
    },

    find: createMongoFind(batches, words),

    isOrdered: ([first]) =>
      first !== undefined && (isId(first.path) || indexes.isReady(first.path)),

    async countOf(filter) {
      if (!filter) return countDocuments({})
      const known = await words()
      const inner = subsetOf(filter, known)
      if (!inner) return undefined
      // Where those that may and those that surely do are as many, they are the same.
      const [most, least] = await Promise.all([
        countDocuments(supersetOf(filter, known) ?? {}),
        countDocuments(inner),
      ])
      return most === least ? most : undefined
    },

    async page(limit, after) {
      const filter = await filterOf(after === undefined ? {} : { after })
      const projection = { _id: 1 }
      const options = { projection, sort: { _id: 1 }, limit: limit + 1, raw: true } as const
      const found = await fetches.run(() =>
        query((documents, signal) => documents.find(filter, { ...options, signal }).toArray()),
      )
      const rows: unknown[] = found
      const last = rows.flatMap(bytesOf)[Math.min(limit, rows.length) - 1]
      return { last: last && idOfBson(last), more: rows.length > limit }
    },

    async replace({ id, bson }, precondition) {
      if (!precondition) return replaceAny(id, bson)
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
      return tryAgain(() => withBson(id, once))
    },

    change: (id, change) =>
      tryAgain(() =>
        withBson(id, async (current) => {
          if (current === undefined) return false
          const next = await change({ text: textOfDocument(current), bson: () => current })
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
      return tryAgain(() => withBson(id, once))
    },

    claims: {
      insert: claims.insert,
      get: async (id) => textOf(await fetchOne(id, claimsCollection)),
    },

    async ping() {
      // By _id: servers that look at every document first take 190 ms for any one of 20,000.
      await command({ find: collection, filter: { _id: '' }, singleBatch: true }, timeouts.ping)
      // A user may have rights on its one collection only: then there is nothing to know.
      const state = await readState((each) => command(each, timeouts.ping), collection).catch(
        () => undefined,
      )
      if (state) {
        hold.set(state.heldBy)
        backedUp = state.backedUp
      }
      if (hasWritten) return
      // It matches nothing, and the server looks at the rights first.
      const deletes = [{ q: { _id: { $in: [] } }, limit: 1 }]
      await command({ delete: collection, deletes }, timeouts.ping)
      hasWritten = true
    },

    async count() {
      const { n } = await command({ count: collection }, timeouts.read)
      return `about ${n}`
    },

    async close() {
      isClosed = true
      await Promise.all([commit.idle(), claims.idle()])
      await connection.close()
    },
  }
}

function nextBatchSize(documents: number, bytes: number): number {
  const wanted = Math.floor((batchBytes * documents) / Math.max(bytes, 1))
  return Math.min(Math.max(wanted, 1), documents * 2)
}

const textOfDocument = (bson: Uint8Array): DocumentText => textOfBson({ id: idOfBson(bson), bson })

const textOf = (bson: Uint8Array | undefined): DocumentText | undefined =>
  bson && textOfDocument(bson)

// With `raw`, the driver's documents are bytes, which its types do not say.
const bytesOf = (value: unknown): Uint8Array[] => (value instanceof Uint8Array ? [value] : [])

async function tryAgain<T>(once: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + requestTimes.write
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
  throw new StoreError('overloaded', 'The document changes faster than it can be compared.')
}
