// Group commit: what goes together, what waits, what fails.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EncodedDocument } from '../../src/codec/encoded-document.ts'
import { bytesOfDocument } from '../../src/codec/encoded-document.ts'
import type { InsertResult } from '../../src/store/document-store.ts'
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

  it('counts what a document holds beside its bytes, and refuses what finds no room', async () => {
    const store = heldStore()
    const maxQueued = { small: 4 * (bytesOfDocument + 10), large: 0 }
    const commit = createGroupCommit({ ...store, maxQueued })
    const fits = Promise.all(
      ['ab', 'cd'].map((ids) => commit.insert([...ids].map((id) => document(id)))),
    )
    const refused = await commit.insert([document('x'), document('y')])
    assert.equal(refused.length, 2)
    for (const result of refused) {
      assert.ok(!result.ok && result.reason === 'failed')
      assert.equal(result.error.fault, 'overloaded')
    }
    ;(await store.next()).answer()
    assert.deepEqual(await fits, [
      [ok, ok],
      [ok, ok],
    ])
    const again = commit.insert([document('z')])
    ;(await store.next()).answer()
    assert.deepEqual(await again, [ok])
  })

  it('takes one insert larger than its queue, and leaves half of that to others', async () => {
    const store = heldStore()
    const commit = createGroupCommit({ ...store, maxQueued: { small: 1e6, large: 1e6 } })
    const huge = commit.insert([document('huge', 5e6)])
    const large = commit.insert([document('large', 4e5)])
    const [refused] = await commit.insert([document('x', 4e5)])
    assert.ok(refused && !refused.ok && refused.reason === 'failed')
    const batch = await store.next()
    assert.deepEqual(batch.ids, ['huge', 'large'])
    batch.answer()
    assert.deepEqual(await Promise.all([huge, large]), [[ok], [ok]])
  })

  it('takes what the store says is large so', async () => {
    const store = heldStore()
    const commit = createGroupCommit({ ...store, maxSmall: bytesOfDocument + 10 })
    const large = commit.insert([document('large', 11)])
    const first = await store.next()
    const small = commit.insert([document('small', 10)])
    const second = await store.next()
    assert.deepEqual([first.ids, second.ids], [['large'], ['small']])
    second.answer()
    first.answer()
    assert.deepEqual(await Promise.all([large, small]), [[ok], [ok]])
  })

  it('writes a small insert at once, however long a large one takes', async () => {
    const store = heldStore()
    const commit = createGroupCommit(store)
    const large = commit.insert([document('large', 1e5)])
    const first = await store.next()
    const small = commit.insert([document('small')])
    const second = await store.next()
    assert.deepEqual(second.ids, ['small'])
    second.answer()
    assert.deepEqual(await small, [ok])
    assert.equal(commit.waiting, 0)
    let isIdle = false
    const idle = commit.idle().then(() => (isIdle = true))
    await new Promise(setImmediate)
    assert.equal(isIdle, false)
    first.answer()
    assert.deepEqual(await large, [ok])
    await idle
  })

  it('lets large inserts take turns', async () => {
    const store = heldStore()
    const commit = createGroupCommit(store)
    const many = (name: string) =>
      commit.insert(Array.from({ length: 3000 }, (_, n) => document(`${name}${n}`)))
    const uploads = [many('a'), many('b')]
    for (const begin of ['a0', 'b0', 'a1000', 'b1000', 'a2000', 'b2000']) {
      const batch = await store.next()
      assert.equal(batch.ids.length, 1000)
      assert.equal(batch.ids[0], begin)
      batch.answer()
    }
    for (const results of await Promise.all(uploads)) {
      assert.equal(results.length, 3000)
      assert.ok(results.every((result) => result.ok))
    }
  })

  it('puts what a store left of a batch into the next one', async () => {
    const batches: string[][] = []
    const commit = createGroupCommit({
      write: async (batch) => {
        batches.push(batch.map(({ id }) => id))
        return [ok, { ok: false, reason: 'duplicate' }]
      },
    })
    const inserts = [['a'], ['b', 'c'], ['d']].map((ids) =>
      commit.insert(ids.map((id) => document(id))),
    )
    const duplicate = { ok: false, reason: 'duplicate' }
    assert.deepEqual(await Promise.all(inserts), [[ok], [duplicate, duplicate], [ok]])
    assert.deepEqual(batches, [
      ['a', 'b', 'c', 'd'],
      ['d', 'c'],
    ])
  })

  it('fails what waited too if there is no database, and goes on with what comes after', async () => {
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

  it('fails only its own batch if the store refuses that one', async () => {
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

  it('says nothing is kept if the store gave no result', async () => {
    const commit = createGroupCommit({ write: async () => [] })
    const [result] = await commit.insert([document('a')])
    assert.ok(result && !result.ok && result.reason === 'failed')
  })

  it('wraps what is not a StoreError', async () => {
    const commit = createGroupCommit({ write: () => Promise.reject(new TypeError('a bug')) })
    const [result] = await commit.insert([document('a')])
    assert.ok(result && !result.ok && result.reason === 'failed')
    assert.equal(result.error.fault, 'failed')
    assert.ok(result.error.cause instanceof TypeError)
  })
})
