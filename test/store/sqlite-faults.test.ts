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
