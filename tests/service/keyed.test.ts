// Ids under an Idempotency-Key: which they are, and how the embedded store keeps them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { isObjectId } from '../../src/codec/document-id.ts'
import { idsOfKey } from '../../src/documents/idempotency-key.ts'
import { keyDocuments } from '../../src/documents/keyed-documents.ts'
import { beginningClaim, claimedId, timeOfObjectId } from '../../src/store/claim.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { keyedSuite } from '../suites/keyed-suite.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0

keyedSuite('SQLite', async () => {
  const file = join(folder, `${files++}.db`)
  return { store: openSqliteStore(file), again: async () => openSqliteStore(file) }
})

it('waits an hour in a file that an earlier version has written to', async () => {
  const file = join(folder, 'earlier.db')
  await openSqliteStore(file).close()
  const db = new DatabaseSync(file)
  db.exec('DROP TABLE claims')
  db.exec("INSERT INTO documents (key, json) VALUES (x'02', '{}')")
  db.close()
  const store = openSqliteStore(file)
  assert.equal(await store.claims.get(beginningClaim), undefined)
  await keyDocuments(store, 'key', [{ id: '0'.repeat(24), bson: Buffer.alloc(22) }])
  const begun = await store.claims.get(beginningClaim)
  const wait = timeOfObjectId(begun ? claimedId(begun) : '') - Date.now()
  assert.ok(wait > 3_590_000 && wait <= 3_600_000, `${wait}`)
  await store.close()
})

const key = '8e03978e-40d5-43e8-bc93-6894a57f9324'

describe('the ids of a key', () => {
  it('never change: a pod of one version must know those of the other', () => {
    const id = idsOfKey(key)
    const expected = ['38c2412dd12af6faedf78387', '0e23ad1833a5e0d4b082c861']
    assert.deepEqual([id(0), id(1)], expected)
    assert.equal(id(12), '1a8064a4ad5d903100e06356')
  })

  it('are ObjectIds, and differ between places and between keys', () => {
    const ids = [key, 'a', 'a1', '1'].flatMap((one) =>
      Array.from({ length: 1000 }, (_, n) => idsOfKey(one)(n)),
    )
    assert.ok(ids.every(isObjectId))
    assert.equal(new Set(ids).size, ids.length)
  })
})
