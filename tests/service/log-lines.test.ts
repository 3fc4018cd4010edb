// What the log of a running process says of a start, and of a request that it refuses.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { client } from '../support/client.ts'
import { startProcess } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

describe('the log of a process', () => {
  it('says which file it is, and how many documents are in it', async () => {
    const DATA_FILE = join(folder, 'counted.db')
    for (const documents of [0, 1, 3]) {
      const service = await startProcess({ DATA_FILE })
      const said = service.lines.map((line) => JSON.parse(line).msg).slice(0, 2)
      assert.deepEqual(said, [
        `documents are in the file ${DATA_FILE}`,
        `the store holds ${documents} ${documents === 1 ? 'document' : 'documents'}`,
      ])
      await client(service.base).post(documents === 0 ? '{}' : '[{},{}]')
      service.signal('SIGTERM')
      assert.equal(await service.exited, 0)
    }
  })

  it('says which database it is, by the setting that names it, and nothing of the login', async () => {
    for (const [settings, source] of [
      [{ DB_URL: '127.0.0.1:1', USER_NAME: 'someone', USER_PWD: 'a word' }, 'DB_URL'],
      [{ MONGODB_URI: 'mongodb://someone:a%20word@127.0.0.1:1/?appName=x' }, 'MONGODB_URI'],
    ] as const) {
      const service = await startProcess({ ...settings, DB_NAME: 'shop', DB_COLLECTION: 'prices' })
      const line = service.lines.find((text) => text.includes('documents are in')) ?? ''
      const { msg, source: named } = JSON.parse(line)
      assert.equal(msg, 'documents are in shop.prices at 127.0.0.1:1')
      assert.equal(named, source)
      assert.doesNotMatch(line, /someone|word/)
      service.signal('SIGTERM')
      await service.exited
    }
  })

  it('names the problem of each request that it refuses, on the page too, and of no other', async () => {
    const service = await startProcess({ DATA_FILE: join(folder, 'codes.db') })
    const { send, post } = client(service.base)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const addForm = (body: string) => send('POST', '/page/documents', { headers: form, body })
    await post('{"_id":"x"}')
    await post('{')
    await post('{"_id":"x"}')
    await send('GET', '/data/none')
    await send('PATCH', '/data')
    await send('GET', '/data?limit=x')
    await send('PUT', '/data/x', { headers: { origin: 'http://evil.example' }, body: '{}' })
    await addForm('document={"$a":1}')
    await addForm('document={"_id":"x"}')
    service.signal('SIGTERM')
    await service.exited
    const requests = service.lines.map((line) => JSON.parse(line)).filter(({ reqId }) => reqId)
    assert.deepEqual(
      requests.map(({ status, code }) => [status, code]),
      [
        [201, undefined],
        [400, 'invalid_json'],
        [409, 'duplicate_id'],
        [404, 'not_found'],
        [405, 'method_not_allowed'],
        [400, 'invalid_query'],
        [403, 'cross_site'],
        [422, 'key_not_allowed'],
        [409, 'duplicate_id'],
      ],
    )
  })
})
