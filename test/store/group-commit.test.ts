// Group commit: what goes together, what waits, what fails.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EncodedDocument, InsertResult } from '../../src/store/document-store.ts'
import { createGroupCommit } from '../../src/store/group-commit.ts'
import { StoreError } from '../../src/store/store-error.ts'

const document = (id: string, bytes = 10): EncodedDocument => ({ id, bson: new Uint8Array(bytes) })
const ok: InsertResult = { ok: true }

/** A store that is in the test's hands: each batch waits until the test answers it. */
function heldStore() {
  const batches: { ids: string[]; answer: (error?: Error) => void }[] = []
  let waiting: (() => void) | undefined
  const write = (batch: readonly EncodedDocument[]) =>
    new Promise<InsertResult[]>((resolve, reject) => {
      const answer = (error?: Error) => (error ? reject(error) : resolve(batch.map(() => ok)))
      batches.push({ ids: batch.map(({ id }) => id), answer })
      waiting?.()
    })
  const next = async () => {
    if (batches.length === 0) await new Promise<void>((resolve) => (waiting = resolve))
    const batch = batches.shift()
    assert.ok(batch)
    return batch
  }
  return { write, next, batches }
}

describe('a group commit', () => {
  it('puts what arrives in one turn of the event loop into one batch', async () => {
    const store = heldStore()
    const commit = createGroupCommit(store)
    const inserts = ['a', 'b', 'c'].map((id) => commit.insert([document(id)]))
    const batch = await store.next()
    assert.deepEqual(batch.ids, ['a', 'b', 'c'])
    batch.answer()
    assert.deepEqual(await Promise.all(inserts), [[ok], [ok], [ok]])
    assert.equal(store.batches.length, 0)
  })

  it('lets what arrives during a batch form the next one, in order', async () => {
    const store = heldStore()
    const commit = createGroupCommit(store)
    const first = commit.insert([document('a')])
    const running = await store.next()
    const later = [commit.insert([document('b'), document('c')]), commit.insert([document('d')])]
    assert.equal(commit.waiting, 3)
    assert.equal(store.batches.length, 0)
    running.answer()
    await first
    const next = await store.next()
    assert.deepEqual(next.ids, ['b', 'c', 'd'])
    next.answer()
    assert.deepEqual(await Promise.all(later), [[ok, ok], [ok]])
    await commit.idle()
  })

  it('cuts batches by number and by bytes, never below one document', async () => {
    const sizes: number[] = []
    const write = async (batch: readonly EncodedDocument[]) => {
      sizes.push(batch.length)
      return batch.map(() => ok)
    }
    const commit = createGroupCommit({ write, maxDocuments: 3, maxBytes: 100 })
    await commit.insert(Array.from({ length: 7 }, (_, n) => document(`${n}`)))
    await commit.insert([
      document('a', 60),
      document('b', 60),
      document('c', 500),
      document('d', 1),
    ])
    assert.deepEqual(sizes, [3, 3, 1, 1, 1, 1, 1])
  })

  it('refuses what does not fit into its queue, but takes anything when that is empty', async () => {
    const store = heldStore()
    const commit = createGroupCommit({ ...store, maxQueuedBytes: 100 })
    const large = commit.insert([document('large', 500)])
    const refused = await commit.insert([document('x'), document('y')])
    assert.equal(refused.length, 2)
    for (const result of refused) {
      assert.ok(!result.ok && result.reason === 'failed')
      assert.equal(result.error.fault, 'overloaded')
    }
    ;(await store.next()).answer()
    assert.deepEqual(await large, [ok])
    const fits = commit.insert([document('z', 100)])
    ;(await store.next()).answer()
    assert.deepEqual(await fits, [ok])
  })

  it('fails what waited too where there is no database, and goes on with what comes after', async () => {
    const store = heldStore()
    const commit = createGroupCommit(store)
    const first = commit.insert([document('a')])
    const running = await store.next()
    const waiting = commit.insert([document('b')])
    running.answer(new StoreError('unavailable', 'away'))
    for (const [result] of await Promise.all([first, waiting])) {
      assert.ok(result && !result.ok && result.reason === 'failed')
      assert.equal(result.error.fault, 'unavailable')
    }
    const after = commit.insert([document('c')])
    const next = await store.next()
    assert.deepEqual(next.ids, ['c'])
    next.answer()
    assert.deepEqual(await after, [ok])
  })

  it('fails only its own batch where the store refuses that one', async () => {
    const store = heldStore()
    const commit = createGroupCommit(store)
    const first = commit.insert([document('a')])
    const running = await store.next()
    const waiting = commit.insert([document('b')])
    running.answer(new StoreError('full', 'no room'))
    const [result] = await first
    assert.ok(result && !result.ok && result.reason === 'failed')
    ;(await store.next()).answer()
    assert.deepEqual(await waiting, [ok])
  })

  it('says nothing is kept where the store gave no result', async () => {
    const commit = createGroupCommit({ write: async () => [] })
    const [result] = await commit.insert([document('a')])
    assert.ok(result && !result.ok && result.reason === 'failed')
  })

  it('wraps what is no StoreError', async () => {
    const commit = createGroupCommit({ write: () => Promise.reject(new TypeError('a bug')) })
    const [result] = await commit.insert([document('a')])
    assert.ok(result && !result.ok && result.reason === 'failed')
    assert.equal(result.error.fault, 'refused')
    assert.ok(result.error.cause instanceof TypeError)
  })
})
