// Indexes of the embedded store: what they promise, and what their file is.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { parseIndexes } from '../../src/query/indexes.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { indexSuite } from '../suites/index-suite.ts'
import { withIndexes } from '../suites/query-suite.ts'
import { runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0

indexSuite('SQLite', () => {
  const file = join(folder, `${files++}.db`)
  return (indexes) => openSqliteStore(file, undefined, { indexes, fewEntries: 50 })
})

describe('a data file with indexes', () => {
  const version = (file: string) => {
    const db = new DatabaseSync(file)
    const row = db.prepare('PRAGMA user_version').get()
    db.close()
    return row?.user_version
  }

  it('has a version that an earlier build refuses, as long as it has any', async () => {
    const file = join(folder, 'version.db')
    await openSqliteStore(file).close()
    assert.equal(version(file), 3)
    const indexed = openSqliteStore(file, undefined, { indexes: parseIndexes('a') })
    await withIndexes(indexed)
    await indexed.close()
    assert.equal(version(file), 4)
    const plain = openSqliteStore(file)
    // It removes what there is in the background.
    while (version(file) !== 3) await new Promise((resolve) => setTimeout(resolve, 10))
    await plain.close()
  })

  it('goes on where it was when the process ended', async () => {
    const file = join(folder, 'half.db')
    const first = await runService(openSqliteStore(file))
    const lines = Array.from({ length: 20_000 }, (_, n) => `{"n":${n}}`).join('\n')
    await first.client.post(lines, { 'content-type': 'application/x-ndjson' })
    await first.close()
    for (let rounds = 0; rounds < 3; rounds++) {
      const half = openSqliteStore(file, undefined, { indexes: parseIndexes('n') })
      await new Promise((resolve) => setTimeout(resolve, 15))
      await half.close()
    }
    const last = await withIndexes(openSqliteStore(file, undefined, { indexes: parseIndexes('n') }))
    const service = await runService(last)
    const answer = await service.client.get('/data?n:gte=0', { prefer: 'count=exact' })
    assert.equal(answer.headers.get('x-total-count'), '20000')
    await service.close()
  })

  it('finds an entry that is not as it was written, and one of no document', async () => {
    const file = join(folder, 'damaged.db')
    const store = await withIndexes(
      openSqliteStore(file, undefined, { indexes: parseIndexes('n') }),
    )
    const service = await runService(store)
    for (const n of [1, 2, 3]) await service.client.post(`{"_id":"${n}","n":${n}}`)
    const db = new DatabaseSync(file)
    const read = () => service.client.get('/data?sort=n&limit=9')
    assert.equal((await read()).status, 200)
    db.exec("UPDATE entries SET crc = crc + 1 WHERE document = x'0232'")
    assert.equal((await read()).status, 503)
    db.exec("UPDATE entries SET crc = crc - 1 WHERE document = x'0232'")
    assert.equal((await read()).status, 200)
    db.exec("DELETE FROM documents WHERE key = x'0232'")
    const answer = await read()
    assert.equal(answer.status, 503)
    assert.match(answer.text, /damaged/)
    db.close()
    await service.close()
  })
})
