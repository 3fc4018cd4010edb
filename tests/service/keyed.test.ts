// Ids under an Idempotency-Key, on the embedded store.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { it } from 'node:test'
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
