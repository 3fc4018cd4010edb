// The embedded store when its file cannot do what it is asked.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { encode } from '../contract/store-contract.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const folder = temporaryFolder()

describe('the embedded store', () => {
  it('answers unavailable while another process writes, and works again behind it', async () => {
    const file = join(folder, 'busy.db')
    const store = openSqliteStore(file)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const [result] = await store.insert([encode({ _id: 'a' })])
    assert.ok(result && !result.ok && result.reason === 'failed')
    assert.equal(result.error.fault, 'unavailable')
    await assert.rejects(store.replace(encode({ _id: 'a' })), { fault: 'unavailable' })
    await assert.rejects(store.remove('a'), { fault: 'unavailable' })
    assert.equal(await store.get('a'), undefined)
    other.exec('ROLLBACK')
    other.close()
    assert.deepEqual(await store.insert([encode({ _id: 'a' })]), [{ ok: true }])
    await store.close()
  })

  it('takes over a file of version 1, whose documents have no checksum', async () => {
    const file = join(folder, 'old.db')
    const before = openSqliteStore(file)
    await before.insert([encode({ _id: 'old' })])
    await before.close()
    const db = new DatabaseSync(file)
    db.exec('ALTER TABLE documents DROP COLUMN crc; PRAGMA user_version = 1')
    db.close()
    const store = openSqliteStore(file)
    assert.ok(await store.get('old'))
    assert.deepEqual(await store.insert([encode({ _id: 'new' })]), [{ ok: true }])
    await store.close()
    const again = openSqliteStore(file)
    assert.equal((await again.page(10)).last, 'old')
    await again.close()
  })

  it('gives no document that is not as it was written', async () => {
    const file = join(folder, 'flipped.db')
    const store = openSqliteStore(file)
    await store.insert([encode({ _id: 'a', text: 'right' })])
    const other = new DatabaseSync(file)
    other.exec("UPDATE documents SET bson = CAST(replace(bson, 'right', 'wrong') AS BLOB)")
    other.close()
    const damaged = { fault: 'unavailable', message: /damaged/ }
    await assert.rejects(store.get('a'), damaged)
    await assert.rejects(store.list()[Symbol.asyncIterator]().next(), damaged)
    await assert.rejects(
      store.replace(encode({ _id: 'a' }), () => true),
      damaged,
    )
    assert.equal(await store.replace(encode({ _id: 'a' })), 'replaced', 'it can be put right')
    assert.ok(await store.get('a'))
    await store.close()
  })

  it('closes behind what it has begun', async () => {
    const file = join(folder, 'closing.db')
    const store = openSqliteStore(file)
    const insert = store.insert([encode({ _id: 'last' })])
    await store.close()
    assert.deepEqual(await insert, [{ ok: true }])
    await store.close()
    const again = openSqliteStore(file)
    assert.ok(await again.get('last'))
    await again.close()
    await assert.rejects(again.get('last'), { name: 'StoreError' })
  })
})
