// What a repetition meets when somebody removes or hides the documents while it looks.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { textOfBson } from '../../src/codec/document-text.ts'
import { insertRepeatably } from '../../src/documents/repeatable-insert.ts'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { encode } from '../suites/store-contract.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let stores = 0

/** A store that has the document, in which something happens before each comparison. */
async function storeWith(disturb: (store: DocumentStore) => Promise<void>) {
  const document = encode({ _id: 'x', n: 1 })
  const store = openSqliteStore(join(folder, `${stores++}.db`))
  await store.insert([document])
  const disturbed: DocumentStore = {
    ...store,
    async get(id) {
      await disturb(store)
      return store.get(id)
    },
    async *getMany(ids) {
      await disturb(store)
      yield* store.getMany(ids)
    },
  }
  return { store, disturbed, document }
}

describe('a repeatable insert', () => {
  it('inserts again what was removed before it could be compared', async () => {
    const { store, disturbed, document } = await storeWith(async (inner) => {
      await inner.remove('x')
    })
    const results = await insertRepeatably(disturbed, [document, encode({ _id: 'y' })])
    assert.deepEqual(results, [{ ok: true }, { ok: true }])
    assert.deepEqual((await store.get('x'))?.whole, textOfBson(document).whole)
    await store.close()
  })

  it('gives up with a fault that passes if the document is always there and never seen', async () => {
    const { store, document } = await storeWith(async () => {})
    await store.insert([encode({ _id: 'y' })])
    const blind: DocumentStore = { ...store, get: async () => undefined, async *getMany() {} }
    for (const documents of [[document], [document, encode({ _id: 'y' })]]) {
      for (const result of await insertRepeatably(blind, documents)) {
        assert.ok(!result.ok && result.reason === 'failed')
        assert.equal(result.error.fault, 'unavailable')
      }
    }
    await store.close()
  })

  it('does not say that a document was kept which it could not compare', async () => {
    const error = new StoreError('unavailable', 'The database does not answer.')
    const { store, disturbed, document } = await storeWith(() => Promise.reject(error))
    const results = await insertRepeatably(disturbed, [document, encode({ _id: 'y' })])
    assert.deepEqual(results, [{ ok: false, reason: 'failed', error }, { ok: true }])
    await store.close()
  })
})
