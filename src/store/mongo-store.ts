// The store on MongoDB: group commit on the way in, JSON straight from raw BSON on the way out.
import type { Db, Document } from 'mongodb'
import type { DocumentId } from '../codec/document-id.ts'
import { textOfStored } from '../codec/document-text.ts'
import { kindOfExtended } from '../codec/extended-id.ts'
import { idOfBson } from '../codec/stored-id.ts'
import type { IndexSpec } from '../query/indexes.ts'
import { isId } from '../query/path.ts'
import { beginningClaim, encodeClaim, objectIdOfTime } from './claim.ts'
import type { DocumentStore } from './document-store.ts'
import { createGroupCommit } from './group-commit.ts'
import { createGroupRead, type Found } from './group-read.ts'
import { bytesAtOnce, createLargeQueue } from './limiter.ts'
import { createMongoChanges } from './mongo-changes.ts'
import { connectMongo } from './mongo-connection.ts'
import { bytesOf } from './mongo-cursor.ts'
import { idsFilter } from './mongo-filter.ts'
import { makeMongoIndexes } from './mongo-indexes.ts'
import { insertBatch } from './mongo-insert.ts'
import { createMongoReads } from './mongo-reads.ts'
import { createHold, readState } from './mongo-state.ts'
import { documentSequence, replyOf, writeConcern } from './mongo-write.ts'
import { StoreError } from './store-error.ts'

interface MongoStoreOptions {
  readonly uri: string
  readonly database: string
  readonly collection: string
  readonly indexes?: readonly IndexSpec[]
  /** Filled or put aside by a restore: it has no claims. */
  readonly isRestore?: boolean
  /** Nobody waits for an answer: a slow database has longer. */
  readonly isJob?: boolean
  /** Told of the indexes. */
  readonly onProgress?: (words: string) => void
  readonly onAttempt?: (error: unknown) => void
}

// Milliseconds of one call to a database that does not answer; one that is away is noticed sooner
// (mongo-connection.ts).
const requestTimes = { ping: 1000, read: 5000, write: 10_000, count: 20_000, index: 86_400_000 }
// For the backup job: a server may sort all documents before it gives the first.
const jobTimes = { ...requestTimes, ping: 10_000, read: 300_000, write: 60_000 }

const beingReplaced =
  'The documents are being replaced by those of a backup: ask again in a moment.'

/**
 * Opens the store, which connects in the background, for as long as it takes.
 * @throws StoreError if the connection string is wrong, or names another database
 */
export function openMongoStore({
  uri,
  database,
  collection,
  indexes: specs = [],
  isRestore = false,
  isJob = false,
  onProgress: say = () => {},
  onAttempt,
}: MongoStoreOptions): DocumentStore {
  const timeouts = isJob ? jobTimes : requestTimes
  let isClosed = false
  let hasWritten = false
  const onLost = () => {
    hasWritten = false
  }
  const claimsCollection = `${collection}.claims`
  const hold = createHold()
  let backedUp: number | undefined
  const prepare = async (db: Db) => {
    if (isRestore) return
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
    silence: isJob ? timeouts.read + 10_000 : undefined,
    onAttempt,
  })
  const command = (document: Document, milliseconds = timeouts.write) =>
    connection.use(milliseconds, (db, signal) => replyOf(db.command(document, { signal })))

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
    connection.use(timeouts.read, async (db, signal) => {
      const cursor = db.collection(from).find(idsFilter(ids), { raw: true, signal })
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
  // Alone, if it may have another id than the one that finds it: 1.0 finds 1.
  const find = (id: DocumentId) =>
    kindOfExtended(id) === undefined ? findGrouped(id) : fetchOne(id)

  // A large document is fetched again, alone: only its bytes tell its size.
  const withBson = async <T>(
    id: DocumentId,
    use: (bson: Uint8Array | undefined) => T | Promise<T>,
    expectReader?: () => void,
    held = 0,
  ): Promise<T> => {
    const found = await find(id)
    if (typeof found !== 'number') return use(found)
    return large(Math.max(found, held), async () => use(await fetchOne(id)), expectReader)
  }
  const read: DocumentStore['read'] = (id, use, expectReader) =>
    withBson(id, (bson) => use(bson && textOfStored(bson)), expectReader)

  const indexes = makeMongoIndexes({
    specs,
    collection,
    command: (document) => command(document, timeouts.index),
    say,
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
    ...createMongoReads({ connection, collection }, timeouts, command),
    ...createMongoChanges({
      collection,
      time: requestTimes.write,
      run: writeCommand,
      insert: commit.insert,
      // Large ones alone: 5 MB of numbers take 60 MB to change, and a server that writes one document at a time a second.
      withBson: (id, use) => withBson(id, use, undefined, bytesAtOnce),
    }),

    isOrdered: ([first]) =>
      first !== undefined && (isId(first.path) || indexes.isReady(first.path)),

    claims: {
      insert: claims.insert,
      get: async (id) => {
        const bson = await fetchOne(id, claimsCollection)
        return bson && textOfStored(bson)
      },
    },

    async ping() {
      // By _id: servers that look at every document first take 190 ms for any one of 20,000.
      await command({ find: collection, filter: { _id: '' }, singleBatch: true }, timeouts.ping)
      // A user may have no right to read it.
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

    async close() {
      isClosed = true
      await Promise.all([commit.idle(), claims.idle()])
      await connection.close()
    },
  }
}
