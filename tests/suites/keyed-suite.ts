// Ids of documents under an Idempotency-Key: of their time, the same for every pod, with pods of an earlier version too.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { newObjectId } from '../../src/codec/document-id.ts'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { textOfBson } from '../../src/codec/document-text.ts'
import type { EncodedDocument } from '../../src/codec/encoded-document.ts'
import { idsOfKey } from '../../src/documents/idempotency-key.ts'
import { idOfPlace, keyDocuments } from '../../src/documents/keyed-documents.ts'
import { insertRepeatably } from '../../src/documents/repeatable-insert.ts'
import {
  beginningClaim,
  claimedId,
  encodeClaim,
  objectIdOfTime,
  timeOfObjectId,
} from '../../src/store/claim.ts'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { runService } from '../support/running-service.ts'

const parser = new DocumentParser()
const seconds = 1000

/** A document without an _id, at a place of its request. */
async function unnamed(place: number): Promise<EncodedDocument> {
  const parsed = await parser.parseBody(Buffer.from(`{"place":${place}}`), {
    newId: () => idOfPlace(place),
  })
  assert.ok(parsed.kind === 'one')
  return parsed.document
}

/** What a pod of this version does with these places of a request. Returns the ids. */
async function present(store: DocumentStore, key: string, places: readonly number[]) {
  const keyed = await keyDocuments(store, key, await Promise.all(places.map(unnamed)))
  const results = await insertRepeatably(
    store,
    keyed.filter(({ settled }) => !settled),
  )
  assert.ok(results.every(({ ok }) => ok) && keyed.every(({ settled }) => settled?.ok !== false))
  return keyed.map(({ id }) => id)
}

/** What a pod of the version before did. */
async function earlier(store: DocumentStore, key: string, places: readonly number[]) {
  const documents = await Promise.all(
    places.map((place) =>
      parser.parseDocument(Buffer.from(`{"place":${place}}`), idsOfKey(key)(place)),
    ),
  )
  const results = await insertRepeatably(store, documents)
  assert.ok(results.every(({ ok }) => ok))
  return documents.map(({ id }) => id)
}

async function count(store: DocumentStore): Promise<number> {
  let documents = 0
  for await (const { ends } of store.list()) documents += ends.length
  return documents
}

const isNow = (id: string) => Math.abs(timeOfObjectId(id) - Date.now()) < 60 * seconds

/** `open` opens a store that is empty; each of its `again` is another pod on it. */
export function keyedSuite(
  name: string,
  open: () => Promise<{ store: DocumentStore; again: () => Promise<DocumentStore> }>,
): void {
  describe(`the ids under an Idempotency-Key, on ${name}`, () => {
    it('stand in the order of the requests, those without a key between them', async () => {
      const { store } = await open()
      const service = await runService(store)
      const { post, get } = service.client
      const key = () => ({ 'idempotency-key': randomUUID() })
      await post('{"n":0}')
      await post('{"n":1}', key())
      await post('{"n":2}')
      await post('[{"n":3},{"n":4}]', key())
      const many = Array.from({ length: 2500 }, (_, n) => `{"n":${n + 5}}`).join('\n')
      await post(many, { ...key(), 'content-type': 'application/x-ndjson' })
      await post('{"n":2505}')
      const documents = (await get('/data')).json()
      assert.ok(Array.isArray(documents))
      assert.deepEqual(
        documents.map(({ n }) => n),
        Array.from({ length: 2506 }, (_, n) => n),
      )
      assert.ok(documents.every(({ _id }) => isNow(_id)))
      await service.close()
    })

    it('are the same for many at once, on two pods', async () => {
      const { store, again } = await open()
      const other = await again()
      const sent = Array.from({ length: 40 }, (_, n) =>
        present(n % 2 ? store : other, 'many', [0, 1]),
      )
      assert.equal(new Set((await Promise.all(sent)).map(String)).size, 1)
      assert.equal(await count(store), 2)
      await other.close()
      await store.close()
    })

    it('are those of the earlier version if its document is there, and it is not doubled', async () => {
      const { store } = await open()
      const old = await earlier(store, 'old', [0, 2])
      const [first, second, third] = await present(store, 'old', [0, 1, 2])
      assert.deepEqual([first, third], old)
      assert.ok(isNow(second ?? ''))
      assert.equal(await count(store), 3)
      // Changed, it is not the one that is sent; removed, it is inserted again under a new _id.
      const id = old[0] ?? ''
      await store.replace(await parser.parseDocument(Buffer.from('{"place":77}'), id))
      const [changed] = await keyDocuments(store, 'old', [await unnamed(0)])
      assert.deepEqual(changed?.settled, { ok: false, reason: 'duplicate' })
      await store.remove(id)
      assert.ok(isNow((await present(store, 'old', [0]))[0] ?? ''))
      await store.close()
    })

    it('are those of the earlier version for an hour, so that both meet at the same ones', async (t) => {
      const { store, again } = await open()
      const other = await again()
      // As in a store that had documents before the first pod of this version came.
      const end = Date.now() + 3600 * seconds
      const upgraded = withBeginning(store, end)
      const upgradedToo = withBeginning(other, end)
      for (let round = 0; round < 10; round++) {
        const key = `both ${round}`
        const sent = Array.from({ length: 12 }, (_, n) =>
          n % 3 === 0
            ? earlier(store, key, [0, 1])
            : present(n % 3 === 1 ? upgraded : upgradedToo, key, [0, 1]),
        )
        assert.equal(new Set((await Promise.all(sent)).map(String)).size, 1)
        assert.equal(await count(store), (round + 1) * 2)
      }
      t.mock.timers.enable({ apis: ['Date'], now: end + 1000 * seconds })
      // What was begun goes on with what it has, and a new key gets ids of its time.
      assert.deepEqual(await present(upgraded, 'both 0', [0]), [idsOfKey('both 0')(0)])
      assert.ok(isNow((await present(upgraded, 'new', [0]))[0] ?? ''))
      t.mock.timers.reset()
      await other.close()
      await store.close()
    })

    it('begin with the first of this version if there is no document, otherwise an hour later', async () => {
      const { store, again } = await open()
      const begun = await store.claims.get(beginningClaim)
      assert.ok(begun)
      await store.insert([await parser.parseDocument(Buffer.from('{}'), newObjectId())])
      const later = await again()
      const still = await later.claims.get(beginningClaim)
      assert.equal(still && claimedId(still), claimedId(begun))
      await later.close()
      await store.close()
    })

    // The last one: the ids of a process never step back with its clock.
    it('are claimed once, whatever the clocks of the pods say', async (t) => {
      const { store, again } = await open()
      const other = await again()
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
      const places = [0, 1, 999, 1000, 5000]
      const expected = await present(store, 'clocks', places)
      for (const shift of [-86_400, -3600, 3599, 3600, 86_400 * 365]) {
        t.mock.timers.setTime(Date.now() + shift * seconds)
        assert.deepEqual(await present(other, 'clocks', places), expected)
        t.mock.timers.setTime(Date.now() - shift * seconds)
      }
      assert.equal(await count(store), places.length)
      t.mock.timers.reset()
      await other.close()
      await store.close()
    })
  })
}

/** The store with another beginning. */
const withBeginning = (store: DocumentStore, time: number): DocumentStore => ({
  ...store,
  claims: {
    insert: store.claims.insert,
    get: async (id) =>
      id === beginningClaim
        ? textOfBson(encodeClaim(beginningClaim, objectIdOfTime(time)))
        : store.claims.get(id),
  },
})
