// Addresses of ids that only other programs give, on the embedded store, which never holds one.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const json = { 'content-type': 'application/json' }
const path = (id: string) => `/data/${encodeURIComponent(id)}`
const objectId = '0123456789abcdef01234567'

describe('an address that is Extended JSON, on the embedded store', () => {
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(temporaryFolder(), 'foreign.db')))
  })
  after(() => service.close())

  it('is nobody’s, and nothing is put there', async () => {
    const foreign = ['null', 'true', '{"$numberInt":"1"}', '{}', '{"a":"b"}', '""', `"${objectId}"`]
    for (const id of [...foreign, 'x'.repeat(257)]) {
      assert.equal((await service.client.get(path(id))).status, 404, id)
      assert.equal((await service.client.send('DELETE', path(id))).status, 404, id)
      const put = await service.client.send('PUT', path(id), { body: '{}', headers: json })
      assert.equal(put.status, 422, id)
      assert.equal(put.member('code'), 'invalid_id')
    }
    assert.deepEqual((await service.client.get('/data')).json(), [])
  })

  it('is a text in quotes, and Location leads to it', async () => {
    for (const text of ['null', '{"$numberInt":"1"}', '{}', '"true"', '1', '{"$ne":null}', '"a"']) {
      const body = JSON.stringify({ _id: text, n: 1 })
      const posted = await service.client.post(body)
      assert.equal(posted.status, 201, text)
      assert.equal(posted.member('_id'), text)
      const location = posted.headers.get('location') ?? ''
      assert.equal((await service.client.get(location)).text, `${body}\n`)
      const put = await service.client.send('PUT', location, { body, headers: json })
      assert.equal(put.status, 200)
      assert.equal(put.member('_id'), text)
      assert.equal((await service.client.send('DELETE', location)).status, 204)
      assert.equal(
        (await service.client.send('PUT', location, { body, headers: json })).status,
        201,
      )
    }
  })

  it('has its place in the order', async () => {
    await service.client.post(`{"_id":"${objectId}"}`)
    const count = async (after: string) => {
      const answer = await service.client.get(`/data?limit=100&after=${encodeURIComponent(after)}`)
      const documents = answer.json()
      return Array.isArray(documents) ? documents.length : -1
    }
    for (const [id, left] of [
      ['null', 8],
      ['{"$numberDouble":"Infinity"}', 8],
      ['"{}"', 1],
      ['{"a":true}', 1],
      ['{"$binary":{"base64":"","subType":"00"}}', 1],
      ['false', 0],
      ['{"$maxKey":1}', 0],
    ] as const) {
      assert.equal(await count(id), left, id)
    }
  })
})
