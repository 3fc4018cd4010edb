// The collection over real sockets: what is posted and listed, the same for every store; every answer is held against /openapi.json.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { type Client, deleteAll } from '../support/client.ts'
import { withoutId } from '../support/exact-json.ts'
import { openSocket, rawRequest, readUntil } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'

/** Defines the suite for a store. `open` opens one that is empty. */
export function collectionSuite(name: string, open: () => Promise<DocumentStore>): void {
  describe(`the collection, on ${name}`, () => {
    let service: RunningService
    let api: Client
    before(async () => {
      service = await runService(await open(), { maxBody: 40 << 20 })
      api = service.client
    })
    after(() => service.close())

    describe('POST /data', () => {
      it('inserts an object and answers with its address', async () => {
        const answer = await api.post('{"3": "three"}')
        assert.equal(answer.status, 201)
        const id = answer.member('_id')
        assert.deepEqual(answer.json(), { status: 'Data inserted', _id: id })
        assert.equal(answer.headers.get('location'), `/data/${id}`)
        const read = await api.get(`/data/${id}`)
        assert.deepEqual(read.json(), { _id: id, 3: 'three' })
      })

      it('inserts a document with an _id of the client’s, once', async () => {
        const first = await api.post('{"_id":"mine/ä ?","n":1}')
        assert.equal(first.headers.get('location'), '/data/mine%2F%C3%A4%20%3F')
        const second = await api.post('{"_id":"mine/ä ?","n":2}')
        assert.equal(second.status, 409)
        assert.equal(second.member('code'), 'duplicate_id')
        const again = await api.post('{"_id":"mine/ä ?","n":3}', {
          prefer: 'resolution=ignore-duplicates',
        })
        assert.equal(again.status, 200)
        assert.equal(again.headers.get('preference-applied'), 'resolution=ignore-duplicates')
        const read = await api.get('/data/mine%2F%C3%A4%20%3F')
        assert.deepEqual(read.json(), { _id: 'mine/ä ?', n: 1 })
        await deleteAll(api)
      })

      it('answers for each item of an array in its order', async () => {
        const all = await api.post('[{"_id":"a"},{"n":1},{"_id":"b"}]')
        assert.equal(all.status, 201)
        assert.equal(all.member('inserted'), 3)
        assert.deepEqual(all.member('errors'), [])
        const [a, assigned, b] = all.items('ids')
        assert.deepEqual([a, b], ['a', 'b'])
        assert.match(String(assigned), /^[0-9a-f]{24}$/)

        const some = await api.post('[{"_id":"c"},{"_id":"a"},{"_id":"c"}]')
        assert.equal(some.status, 207)
        assert.equal(some.member('inserted'), 1)
        assert.deepEqual(some.member('ids'), ['c', null, null])
        const errors = some.items('errors').map((error) => {
          assert.ok(typeof error === 'object' && error !== null)
          return [Reflect.get(error, 'index'), Reflect.get(error, 'status')]
        })
        assert.deepEqual(errors, [
          [1, 409],
          [2, 409],
        ])
      })

      it('never answers 2xx if nothing of an array was inserted', async () => {
        const none = await api.post('[{"_id":"a"},{"_id":"b"}]')
        assert.equal(none.status, 409)
        assert.equal(none.member('inserted'), 0)
        const ignored = await api.post('[{"_id":"a"},{"_id":"b"}]', {
          prefer: 'resolution=ignore-duplicates',
        })
        assert.equal(ignored.status, 200)
        assert.deepEqual(ignored.member('ids'), ['a', 'b'])
        assert.equal((await api.post('[]')).status, 200)
        await deleteAll(api)
      })

      it('refuses what cannot be kept, with its place, and keeps nothing of it', async () => {
        const faults: [string, number, string, string][] = [
          ['{"a":{"b":[1e400]}}', 422, 'number_not_exact', '/a/b/0'],
          ['{"a":12345678901234567890}', 422, 'number_not_exact', '/a'],
          ['{"a":{"$gt":""}}', 422, 'key_not_allowed', '/a/$gt'],
          ['{"a\\u0000b":1}', 422, 'key_not_allowed', '/a\u0000b'],
          ['{"a":"\\ud800"}', 422, 'lone_surrogate', '/a'],
          ['{"a":1,"a":2}', 422, 'duplicate_key', '/a'],
          ['{"_id":7}', 422, 'invalid_id', '/_id'],
        ]
        for (const [body, status, code, pointer] of faults) {
          const answer = await api.post(body)
          assert.equal(answer.status, status, body)
          assert.equal(
            answer.headers.get('content-type'),
            'application/problem+json; charset=utf-8',
          )
          assert.deepEqual([answer.member('code'), answer.member('pointer')], [code, pointer])
          assert.match(String(answer.member('detail')), /\/.*: /)
        }
        assert.equal((await api.post('{"a":')).status, 400)
        assert.equal((await api.post(Buffer.from('{"a":"\u00e4"}', 'latin1'))).status, 400)
        assert.deepEqual((await api.get('/data')).json(), [])
      })

      it('refuses bodies of another type, charset or coding with 415', async () => {
        for (const headers of [
          { 'content-type': 'text/plain' },
          { 'content-type': 'application/x-www-form-urlencoded' },
          { 'content-type': 'application/json; charset=iso-8859-1' },
          { 'content-encoding': 'gzip' },
        ]) {
          const answer = await api.post('{}', headers)
          assert.equal(answer.status, 415, JSON.stringify(headers))
          assert.match(answer.headers.get('accept-post') ?? '', /application\/json/)
        }
        const utf8 = await api.post('{"a":"ä"}', {
          'content-type': 'application/json; charset="UTF-8"',
        })
        assert.equal(utf8.status, 201)
        await deleteAll(api)
      })

      it('refuses a request without a body with 411, and an empty one with 400', async () => {
        const head =
          'POST /data HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n'
        assert.match(
          await rawRequest(service.port, `${head}\r\n`),
          /^HTTP\/1\.1 411 .*length_required/s,
        )
        const empty = await rawRequest(service.port, `${head}Content-Length: 0\r\n\r\n`)
        assert.match(empty, /^HTTP\/1\.1 400 .*invalid_json/s)
      })

      it('refuses a body over the limit with 413 before it is sent', async () => {
        const head = 'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
        const long = `Content-Length: ${50 << 20}\r\nExpect: 100-continue\r\n\r\n`
        const answer = await rawRequest(service.port, head + long)
        assert.match(answer, /^HTTP\/1\.1 413 .*body_too_large/s)
        assert.match(answer, /connection: close/i)
      })

      it('refuses a chunked body as soon as it is over the limit', async () => {
        const chunk = new Uint8Array(1 << 20).fill(0x20)
        let sent = 0
        const body = new ReadableStream({
          pull(controller) {
            if (++sent > 60) controller.close()
            else controller.enqueue(chunk)
          },
        })
        const headers = { 'content-type': 'application/json' }
        const request = { method: 'POST', body, headers, duplex: 'half' } as const
        const response = await fetch(`${api.base}/data`, request)
        assert.equal(response.status, 413)
      })

      it('asks for the body of a client that waits for 100 Continue', async () => {
        const socket = await openSocket(service.port)
        const head =
          'POST /data HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n'
        socket.write(`${head}Content-Length: 12\r\nExpect: 100-continue\r\n\r\n`)
        await readUntil(socket, /^HTTP\/1\.1 100 Continue\r\n\r\n/)
        socket.write('{"_id":"ex"}')
        assert.match(await readUntil(socket, /\r\n\r\n.*\}/s), /^HTTP\/1\.1 201 /)
        socket.destroy()
        await deleteAll(api)
      })

      it('refuses a document over 16 MiB with 422', async () => {
        const answer = await api.post(JSON.stringify({ a: 'x'.repeat(17 << 20) }))
        assert.equal(answer.status, 422)
        assert.equal(answer.member('code'), 'document_too_large')
      })
    })

    describe('GET /data', () => {
      it('lists every document, oldest first, as an array or one per line', async () => {
        assert.deepEqual((await api.get('/data')).text, '[]\n')
        assert.deepEqual((await api.get('/data', { accept: 'application/x-ndjson' })).text, '')
        const bodies = Array.from({ length: 25 }, (_, n) => ({ n }))
        for (const body of bodies) await api.post(JSON.stringify(body))
        const array = await api.get('/data')
        assert.deepEqual(array.items().map(withoutId), bodies)
        const lines = await api.get('/data', { accept: 'application/x-ndjson' })
        assert.match(lines.headers.get('content-type') ?? '', /^application\/x-ndjson/)
        const parsed = lines.text
          .trimEnd()
          .split('\n')
          .map((line): unknown => JSON.parse(line))
        assert.deepEqual(parsed, array.json())
        assert.equal(lines.text.endsWith('\n'), true)
      })

      it('pages by key, with a link to the next page', async () => {
        const seen: unknown[] = []
        let path: string | undefined = '/data?limit=10'
        let pages = 0
        while (path) {
          const page: Awaited<ReturnType<Client['get']>> = await api.get(path)
          seen.push(...page.items())
          pages++
          path = /^<(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1]
        }
        assert.equal(pages, 3)
        assert.deepEqual(seen, (await api.get('/data')).json())
      })

      it('has no next page if the last one is full', async () => {
        const page = await api.get('/data?limit=25')
        assert.equal(page.items().length, 25)
        assert.equal(page.headers.get('link'), null)
        const after = encodeURIComponent(String(Reflect.get(Object(page.items().at(-1)), '_id')))
        assert.equal((await api.get(`/data?limit=25&after=${after}`)).text, '[]\n')
      })

      it('refuses a query that it does not know', async () => {
        for (const query of [
          'limit=0',
          'limit=10001',
          'limit=ten',
          'limit=-1',
          'limit=1.5',
          'limit=',
          'skip=1',
        ]) {
          const answer = await api.get(`/data?${query}`)
          assert.equal(answer.status, 400, query)
          assert.equal(answer.member('code'), 'invalid_query')
        }
      })

      it('answers 406 to a client that takes neither form', async () => {
        assert.equal((await api.get('/data', { accept: 'text/html' })).status, 406)
        const none = { accept: 'application/json;q=0, application/x-ndjson;q=0' }
        assert.equal((await api.get('/data', none)).status, 406)
        const preferred = await api.get('/data', {
          accept: 'application/json;q=0.5, application/x-ndjson',
        })
        assert.match(preferred.headers.get('content-type') ?? '', /x-ndjson/)
        assert.equal(preferred.headers.get('vary'), 'Accept')
        await deleteAll(api)
      })
    })
  })
}
