// POST of many documents, as an array and by lines: each has its own result, in order, and the first
// hundred errors are named.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ndjson = { 'content-type': 'application/x-ndjson' }
const maxBodies = 64 << 20

interface Shown {
  readonly status: number
  readonly code: string
  readonly inserted: number
  readonly failed: number
  readonly ids: readonly (string | null)[]
  readonly errors: readonly Readonly<Record<string, unknown>>[]
}

describe('POST of many documents', () => {
  const folder = temporaryFolder()
  let service: RunningService
  // The store, of which the first inserts take longest: batches end in the reverse of their order.
  let slow = 0
  before(async () => {
    const store = openSqliteStore(join(folder, 'many.db'))
    const reversing: DocumentStore = {
      ...store,
      get waiting() {
        return store.waiting
      },
      async insert(documents) {
        await sleep(Math.max(slow--, 0) * 30)
        return store.insert(documents)
      },
    }
    service = await runService(reversing, { maxBody: 4 << 20, maxBodies })
  })
  after(async () => {
    await service.close()
  })
  beforeEach(() => {
    slow = 0
  })

  const post = async (body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const answer = await service.client.post(body, headers)
    const members: unknown = answer.json()
    assert.ok(isShown(members), answer.text)
    return { ...members, answer: answer.status, text: answer.text }
  }
  const bodiesHeld = async () =>
    /^http_bodies_bytes (\d+)$/m.exec((await service.client.get('/metrics')).text)?.[1]

  it('gives each item of an array its own result', async () => {
    const items = [
      '{"_id":"a1"}',
      '{"n":1e999}',
      '{"$set":{"a":1}}',
      '{"_id":5}',
      '7',
      '[{"_id":"x"}]',
      '{"a":1,"a":2}',
      '{"a":["\\ud800"]}',
      `{"a":${'['.repeat(200)}${']'.repeat(200)}}`,
      '{"_id":"a1"}',
      '{"_id":null,"n":2}',
      '{"_id":"a2"}',
    ]
    const { answer, inserted, failed, ids, errors } = await post(`[${items.join(',')}]`)
    assert.deepEqual([answer, inserted, failed], [207, 3, 9])
    assert.deepEqual(
      errors.map(({ index, code, pointer }) => [index, code, pointer]),
      [
        [1, 'number_not_exact', '/n'],
        [2, 'key_not_allowed', '/$set'],
        [3, 'invalid_id', '/_id'],
        [4, 'not_an_object', ''],
        [5, 'not_an_object', ''],
        [6, 'duplicate_key', '/a'],
        [7, 'lone_surrogate', '/a/0'],
        [8, 'too_deep', `/a${'/0'.repeat(99)}`],
        [9, 'duplicate_id', undefined],
      ],
    )
    assert.deepEqual([ids.length, ids[0], ids[11]], [12, 'a1', 'a2'])
    assert.match(ids[10] ?? '', /^[0-9a-f]{24}$/)
    assert.ok(ids.slice(1, 10).every((id) => id === null))
    assert.equal((await service.client.get('/data/a2')).status, 200)
  })

  it('answers with a problem if no item was kept', async () => {
    const one = await post('[{"n":1e999},{"n":1e999}]')
    assert.deepEqual([one.answer, one.code, one.failed], [422, 'number_not_exact', 2])
    const worst = await post('[{"_id":"a1"},5]')
    assert.deepEqual([worst.answer, worst.code, worst.ids], [422, 'not_an_object', [null, null]])
  })

  it('inserts nothing of an array that is not JSON, and says so', async () => {
    for (const end of [',]', '', ']x', ',{"a":}]', ' {}]', ',\u0000]']) {
      const answer = await service.client.post(`[{"_id":"never"},{"n":1e999}${end}`)
      assert.equal(answer.status, 400, end)
      assert.equal(answer.member('code'), 'invalid_json')
      assert.match(String(answer.member('detail')), /Nothing was inserted|UTF-16/)
    }
    const bytes = Buffer.from('[{"_id":"never"},{"a":"ä"}]', 'latin1')
    assert.equal((await service.client.post(bytes)).status, 400)
    assert.equal((await service.client.get('/data/never')).status, 404)
  })

  it('names the first hundred errors of an array in order, and counts the rest', async () => {
    const duplicates = `[${'{"_id":"a1"},'.repeat(20_000)}{"_id":"a1"}]`
    const same = await post(duplicates)
    assert.deepEqual([same.answer, same.failed, same.errors.length], [409, 20_001, 100])
    assert.ok(same.text.length < 150_000, `${same.text.length}`)
    assert.equal(same.ids.length, 20_001)
    // Parsing finds the one fault, the store the other.
    const mixed = `[${'{"_id":"a1"},{"n":1e999},'.repeat(500)}{"_id":"last"}]`
    const { answer, failed, errors } = await post(mixed)
    assert.deepEqual([answer, failed], [207, 1000])
    assert.deepEqual(
      errors.map(({ index }) => index),
      Array.from({ length: 100 }, (_, index) => index),
    )
  })

  it('counts the documents of an array as what they take, and inserts none that have no room', async () => {
    const { answer, code } = await post(`[${'{},'.repeat(99_999)}{}]`)
    assert.deepEqual([answer, code], [413, 'body_too_large'])
    assert.equal(await bodiesHeld(), '0')
    const less = await post(`[${'{},'.repeat(9_999)}{}]`)
    assert.deepEqual([less.answer, less.inserted, less.ids.length], [201, 10_000, 10_000])
    assert.equal(await bodiesHeld(), '0')
  })

  it('says how an array that is too large goes in by lines', async () => {
    const answer = await service.client.post(`[${' '.repeat(5 << 20)}]`)
    assert.equal(answer.status, 413)
    const detail = String(answer.member('detail'))
    assert.match(detail, /curl --data-binary @- -H 'Content-Type: application\/x-ndjson'/)
    assert.match(
      detail,
      /Invoke-RestMethod -Method Post -InFile .* -ContentType application\/x-ndjson/,
    )
  })

  it('names the first hundred errors of lines in order, whichever batch is stored first', async () => {
    slow = 4
    const long = 'x'.repeat(2000)
    const lines = Array.from({ length: 2000 }, (_, n) => {
      if (n % 40 === 0) return '{"_id":"a1"}'
      if (n % 40 === 20) return '{"n":1e999}'
      return `{"_id":"line${n}","a":"${long}"}`
    })
    const { answer, inserted, failed, errors } = await post(lines.join('\n'), ndjson)
    assert.deepEqual([answer, inserted, failed, errors.length], [207, 1900, 100, 100])
    assert.deepEqual(
      errors.map(({ line, code }) => [line, code]),
      Array.from({ length: 100 }, (_, n) => [
        n * 20 + 1,
        n % 2 === 0 ? 'duplicate_id' : 'number_not_exact',
      ]),
    )
    assert.equal(await bodiesHeld(), '0')
  })

  it('counts what follows the hundredth fault of an upload', async () => {
    const { answer, failed, errors } = await post('x\n'.repeat(50_000), ndjson)
    assert.deepEqual([answer, failed, errors.length], [400, 50_000, 100])
    assert.deepEqual([errors[99]?.line, errors[99]?.column], [100, 1])
  })

  it('inserts every document after the hundredth fault, whatever comes before it in its line', async () => {
    const lines = `${'x\n'.repeat(150)}\ufeff{"_id":"marked"}\n \t{"_id":"indented"}\n{"_id":"plain"}\n`
    const { status, text } = await service.client.post(lines, ndjson)
    assert.equal(status, 207)
    assert.match(text, /"inserted":3,"failed":150/)
    for (const id of ['marked', 'indented', 'plain']) {
      assert.equal((await service.client.get(`/data/${id}`)).status, 200)
    }
  })

  it('shows little of lines that have much', async () => {
    const line = `{"${'k'.repeat(100_000)}":1e999}\n`
    const { failed, errors, text } = await post(line.repeat(30), ndjson)
    assert.deepEqual([failed, errors.length], [30, 30])
    assert.ok(text.length < 20_000, `${text.length}`)
  })

  it('counts what was inserted before the upload broke', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => `{"_id":"broken${n}","n":[]}\n`).join('')
    const { answer, inserted, failed } = await post(lines + 'x'.repeat(5 << 20), ndjson)
    const stored = (await service.client.get('/data')).text.match(/"_id":"broken/g)?.length
    assert.deepEqual([answer, failed], [413, 0])
    assert.ok(inserted >= 500 && inserted <= 3000, `${inserted}`)
    assert.equal(stored, inserted)
    assert.equal(await bodiesHeld(), '0')
  })

  it('reads an _id of null as no _id, wherever a document comes from', async () => {
    const line = await post('{"_id":null,"from":"line"}', ndjson)
    assert.deepEqual([line.answer, line.inserted], [201, 1])
    const put = await service.client.send('PUT', '/data/here', {
      body: '{"_id":null,"from":"put"}',
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(put.member('_id'), 'here')
    assert.equal((await service.client.get('/data/here')).text, '{"_id":"here","from":"put"}\n')
  })
})

const isShown = (value: unknown): value is Shown =>
  typeof value === 'object' && value !== null && ('errors' in value || 'code' in value)
