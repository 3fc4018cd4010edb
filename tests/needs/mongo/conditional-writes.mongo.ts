// Conditional writes by many clients at once, and on a server that knows no expressions.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openMongoStore } from '../../../src/store/mongo-store.ts'
import { encode } from '../../suites/store-contract.ts'
import { startFakeMongod } from './fake-mongod.ts'
import { testDatabase } from './own-database.ts'

const server = testDatabase()

describe('a conditional write on MongoDB', { timeout: 120_000 }, () => {
  it('compares nothing if the document need only exist, or be absent', async () => {
    const store = await server.open()
    const put = (n: number) => store.replace(encode({ _id: 'a', n }), 'exists')
    assert.equal(await put(0), 'precondition failed')
    assert.equal(await store.replace(encode({ _id: 'a' }), 'absent'), 'created')
    assert.equal(await store.replace(encode({ _id: 'a' }), 'absent'), 'precondition failed')
    const results = await Promise.all(Array.from({ length: 32 }, (_, n) => put(n)))
    assert.deepEqual(results, Array(32).fill('replaced'))
    assert.equal(await store.remove('a', 'absent'), 'precondition failed')
    assert.equal(await store.remove('a', 'exists'), 'removed')
    assert.equal(await store.remove('a', 'exists'), 'precondition failed')
    assert.equal(await store.remove('a', 'absent'), 'absent')
    await store.close()
  })

  it('starts over until it is through if others write in between', async () => {
    const store = await server.open()
    await store.replace(encode({ _id: 'a', n: -1 }))
    const puts = Array.from({ length: 16 }, (_, n) =>
      store.replace(encode({ _id: 'a', n }), (current) => current !== undefined),
    )
    assert.deepEqual(await Promise.all(puts), Array(16).fill('replaced'))
    await store.close()
  })

  it('is refused by a server that does not know how, in words', async () => {
    const errmsg = 'The operator $eq is not implemented yet'
    const fake = await startFakeMongod({ ok: 0, code: 238, codeName: 'NotImplemented', errmsg })
    const store = openMongoStore({ uri: fake.uri, database: 'd', collection: 'c' })
    await assert.rejects(store.remove('a', 'exists'), { fault: 'refused', message: errmsg })
    await store.close()
    fake.close()
  })
})
