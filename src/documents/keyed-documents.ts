// The _ids of documents without one under an Idempotency-Key: claimed once, the same for each repetition.
import { hash } from 'node:crypto'
import { type DocumentId, newObjectIds } from '../codec/document-id.ts'
import type { EncodedDocument } from '../codec/encoded-document.ts'
import {
  beginningClaim,
  claimedId,
  encodeClaim,
  objectIdOfTime,
  timeOfObjectId,
} from '../store/claim.ts'
import type { DocumentStore, InsertResult } from '../store/document-store.ts'
import { StoreError } from '../store/store-error.ts'
import { idsOfKey } from './idempotency-key.ts'
import { fetchStored, isStoredAsSent } from './repeatable-insert.ts'

/*
 * An _id derived from the key alone sorts at random. So the first request under a key claims ObjectIds of its own time:
 * a document of a second collection has the hash of the key for its _id, and the first of the ids. Its index lets one
 * win, on whichever pod; all others, and every repetition, read what it claimed. A claim is never changed or removed.
 *
 * Earlier versions used the hash as the _id and look at no claim. For an hour from the first key on, in a store that
 * had documents before, what is claimed is the hash itself, and both meet at the same _id. After that a document under
 * the hash counts, and none is inserted there.
 */
const hoursOfBothVersions = 1

// Places of a request that one claim is for. The ids of a block follow one another.
const blockLength = 1000
const hashItself: DocumentId = '0'.repeat(24)

/** A document with its id, or what became of it because it is there under its old one. */
export interface KeyedDocument extends EncodedDocument {
  readonly settled?: InsertResult | undefined
}

/** In place of an _id until it is claimed: the place in the request. */
export const idOfPlace = (index: number): DocumentId => index.toString(16).padStart(24, '0')

/** Gives the documents, whose ids are those of their places, the ids of the key. @throws StoreError */
export async function keyDocuments(
  store: DocumentStore,
  key: string,
  documents: readonly EncodedDocument[],
): Promise<KeyedDocument[]> {
  const places = documents.map(({ id }) => Number.parseInt(id, 16))
  const hashes = places.map(idsOfKey(key))
  const blocks = [...new Set(places.map((place) => Math.floor(place / blockLength)))]
  const [claims, old] = await Promise.all([
    Promise.all(blocks.map((block) => claim(store, key, block))),
    oldDocuments(store, hashes, documents),
  ])
  const firstOf = new Map(blocks.map((block, index) => [block, claims[index] ?? hashItself]))
  return documents.map(({ bson }, index) => {
    const hash = hashes[index] ?? ''
    const place = places[index] ?? 0
    const first = firstOf.get(Math.floor(place / blockLength)) ?? hashItself
    const settled = first === hashItself ? undefined : old.get(hash)
    if (first === hashItself || settled) return { ...withObjectId(hash, bson), settled }
    return withObjectId(following(first, place % blockLength), bson)
  })
}

async function claim(store: DocumentStore, key: string, block: number): Promise<DocumentId> {
  const name = hash('sha256', `${key}\0block ${block}`).slice(0, 24)
  const isAlone = Date.now() >= (await beginningOf(store))
  return claimOnce(store, name, isAlone ? newObjectIds(blockLength) : hashItself)
}

/** The ObjectId that is claimed under the name, this one if none was. */
async function claimOnce(store: DocumentStore, name: string, id: DocumentId): Promise<DocumentId> {
  const [result] = await store.claims.insert([encodeClaim(name, id)])
  if (result?.ok) return id
  if (result?.reason === 'failed') throw result.error
  const claim = result?.reason === 'duplicate' ? await store.claims.get(name) : undefined
  if (!claim) throw new StoreError('unavailable', 'The Idempotency-Key cannot be kept.')
  return claimedId(claim)
}

// It never changes.
const beginnings = new WeakMap<DocumentStore, number>()

async function beginningOf(store: DocumentStore): Promise<number> {
  const known = beginnings.get(store)
  if (known !== undefined) return known
  const claim = await store.claims.get(beginningClaim)
  const later = objectIdOfTime(Date.now() + hoursOfBothVersions * 3_600_000)
  const id = claim ? claimedId(claim) : await claimOnce(store, beginningClaim, later)
  const time = timeOfObjectId(id)
  beginnings.set(store, time)
  return time
}

/** What became of documents that earlier versions inserted. */
async function oldDocuments(
  store: DocumentStore,
  hashes: readonly DocumentId[],
  documents: readonly EncodedDocument[],
): Promise<Map<DocumentId, InsertResult>> {
  const results = new Map<DocumentId, InsertResult>()
  const places = new Map(hashes.map((hash, index) => [hash, index]))
  for await (const batch of fetchStored(store, hashes)) {
    for (const stored of batch) {
      const sent = documents[places.get(stored.id) ?? -1]
      const same = sent && (await isStoredAsSent(stored, withObjectId(stored.id, sent.bson)))
      results.set(stored.id, same ? { ok: true } : { ok: false, reason: 'duplicate' })
    }
  }
  return results
}

// Where an ObjectId in front of a document is: after its length, type and name.
const idAt = 9

// In place: the bytes are the parser's, and nobody else has them yet.
function withObjectId(id: DocumentId, bson: Uint8Array): EncodedDocument {
  bson.set(Buffer.from(id, 'hex'), idAt)
  return { id, bson }
}

function following(first: DocumentId, offset: number): DocumentId {
  const count = Number.parseInt(first.slice(18), 16) + offset
  return first.slice(0, 18) + count.toString(16).padStart(6, '0')
}
