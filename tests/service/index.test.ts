// Indexes of the embedded store: what they promise, and what their file is.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseIndexes } from '../../src/query/indexes.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { indexSuite } from '../suites/index-suite.ts'
import { withIndexes } from '../suites/query-suite.ts'
import { runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const json = { 'content-type': 'application/json' }
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
    while (version(file) !== 3) await sleep(10)
    await plain.close()
  })

  it('takes a hundred values of a document if they are unique, and no document with more', async () => {
    const file = join(folder, 'many.db')
    const plain = await runService(openSqliteStore(file))
    const tags = (count: number, from = 0) =>
      JSON.stringify({ tags: Array.from({ length: count }, (_, n) => from + n) })
    const put = (service: typeof plain, id: string, body: string) =>
      service.client.send('PUT', `/data/${id}`, { body, headers: json })
    assert.equal((await put(plain, 'early', tags(101))).status, 201)
    await plain.close()

    const specs = parseIndexes('tags:unique')
    const refused = openSqliteStore(file, undefined, { indexes: specs })
    while (refused.indexes[0]?.state === 'building') await sleep(10)
    assert.deepEqual(refused.indexes, [
      {
        name: 'tags:unique',
        state: 'refused',
        detail:
          'A document may have 100 different values at "tags", where an index is unique. "early" has more.',
      },
    ])
    const beside = await runService(refused)
    assert.equal((await put(beside, 'late', tags(101))).status, 201)
    for (const id of ['early', 'late']) await beside.client.send('DELETE', `/data/${id}`)
    await beside.close()

    const service = await runService(
      await withIndexes(openSqliteStore(file, undefined, { indexes: specs })),
    )
    assert.equal((await put(service, 'full', tags(100))).status, 201)
    const more = await put(service, 'full', tags(101))
    assert.equal(more.status, 422)
    assert.equal(more.member('code'), 'refused_by_store')
    assert.match(
      String(more.member('detail')),
      /100 different values at "tags", where an index is unique/,
    )
    const headers = { 'content-type': 'application/json-patch+json' }
    const body = '[{"op":"add","path":"/tags/-","value":"one more"}]'
    const patched = await service.client.send('PATCH', '/data/full', { body, headers })
    assert.equal(patched.status, 422)
    const some = await service.client.post(`[${tags(101)},{"_id":"few","tags":[500]}]`)
    assert.equal(some.status, 207)
    assert.equal(JSON.parse(some.text).errors[0].code, 'refused_by_store')
    const large = JSON.stringify({ pad: 'x'.repeat(100_000), tags: Array(5000).fill(-7) })
    assert.equal((await put(service, 'same', large)).status, 201)
    assert.equal((await put(service, 'full', tags(100, 50))).status, 200)
    const count = async (query: string) => {
      const answer = await service.client.get(`/data?${query}`, { prefer: 'count=exact' })
      return Number(answer.headers.get('x-total-count'))
    }
    assert.deepEqual(
      [await count('tags:eq=500'), await count('tags:eq=-7'), await count('tags:gte=145')],
      [1, 1, 2],
    )
    await service.close()
  })

  it('goes on where it was when the process ended', async () => {
    const file = join(folder, 'half.db')
    const first = await runService(openSqliteStore(file))
    const lines = Array.from({ length: 20_000 }, (_, n) => `{"n":${n}}`).join('\n')
    await first.client.post(lines, { 'content-type': 'application/x-ndjson' })
    await first.close()
    for (let rounds = 0; rounds < 3; rounds++) {
      const half = openSqliteStore(file, undefined, { indexes: parseIndexes('n') })
      await sleep(15)
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
