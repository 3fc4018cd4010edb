// The whole API over real sockets, the same for every store; every answer is held against /openapi.json.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { anyDocument, withFault } from '../support/any-json.ts'
import type { Client } from '../support/client.ts'
import { countries } from '../support/countries.ts'
import { parseExact, stringifyExact } from '../support/exact-json.ts'
import { openSocket, rawRequest, readUntil } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'

const ndjson = { 'content-type': 'application/x-ndjson' }

const list = (value: unknown): unknown[] => {
  assert.ok(Array.isArray(value))
  return value
}

function withoutId(value: unknown): unknown {
  assert.ok(typeof value === 'object' && value !== null)
  const { _id, ...rest } = { ...value, _id: undefined }
  return rest
}

/** Defines the suite for a store. `open` opens one that is empty. */
export function httpSuite(name: string, open: () => Promise<DocumentStore>): void {
  describe(`the API, on ${name}`, () => {
    let service: RunningService
    let api: Client
    before(async () => {
      service = await runService(await open(), { maxBody: 40 << 20 })
      api = service.client
    })
    after(() => service.close())

    const clear = async () => {
      for (const document of list((await api.get('/data')).json())) {
        assert.ok(typeof document === 'object' && document !== null)
        const id = encodeURIComponent(String(Reflect.get(document, '_id')))
        assert.equal((await api.send('DELETE', `/data/${id}`)).status, 204)
      }
    }

    describe('GET /', () => {
      it('gives anything but a browser the date and time as one line of text', async () => {
        for (const accept of ['*/*', 'text/plain', 'application/json', 'image/png']) {
          const { status, text, headers } = await api.get('/', { accept })
          assert.equal(status, 200)
          assert.match(text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$/)
          assert.ok(Math.abs(Date.parse(text.trim()) - Date.now()) < 5000)
          assert.equal(headers.get('vary'), 'Accept')
        }
      })

      it('gives a browser a page under a strict content security policy', async () => {
        const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
        const { text, headers } = await api.get('/', { accept })
        assert.match(headers.get('content-type') ?? '', /^text\/html/)
        assert.match(text, /^<!doctype html>/)
        assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
        assert.equal(headers.get('x-content-type-options'), 'nosniff')
        assert.equal(headers.get('x-powered-by'), null)
      })
    })

    describe('POST /data', () => {
      it('inserts an object and says where it is', async () => {
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
        await clear()
      })

      it('answers for each item of an array in its order', async () => {
        const all = await api.post('[{"_id":"a"},{"n":1},{"_id":"b"}]')
        assert.equal(all.status, 201)
        assert.equal(all.member('inserted'), 3)
        assert.deepEqual(all.member('errors'), [])
        const [a, assigned, b] = list(all.member('ids'))
        assert.deepEqual([a, b], ['a', 'b'])
        assert.match(String(assigned), /^[0-9a-f]{24}$/)

        const some = await api.post('[{"_id":"c"},{"_id":"a"},{"_id":"c"}]')
        assert.equal(some.status, 207)
        assert.equal(some.member('inserted'), 1)
        assert.deepEqual(some.member('ids'), ['c', null, null])
        const errors = list(some.member('errors')).map((error) => {
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
        await clear()
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
        await clear()
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
        await clear()
      })

      it('refuses a document over 16 MiB with 422', async () => {
        const answer = await api.post(JSON.stringify({ a: 'x'.repeat(17 << 20) }))
        assert.equal(answer.status, 422)
        assert.equal(answer.member('code'), 'document_too_large')
      })
    })

    describe('POST /data with NDJSON', () => {
      it('inserts each line, with any line end and blank lines between', async () => {
        const answer = await api.post('{"_id":"l1"}\r\n\r\n  \n{"_id":"l2"}\n{"_id":"l3"}', ndjson)
        assert.equal(answer.status, 201)
        assert.deepEqual(answer.json(), { inserted: 3, failed: 0, errors: [] })
        await clear()
      })

      it('reports what failed by its line and inserts the rest', async () => {
        const lines = [
          '{"_id":"l1"}',
          '',
          '{"a":',
          '[1]',
          '{"a":1e400}',
          '{"_id":"l1"}',
          '{"_id":"l2"}',
        ]
        const answer = await api.post(lines.join('\n'), ndjson)
        assert.equal(answer.status, 207)
        assert.equal(answer.member('inserted'), 2)
        assert.equal(answer.member('failed'), 4)
        const found = list(answer.member('errors')).map((error) => {
          assert.ok(typeof error === 'object' && error !== null)
          return [Reflect.get(error, 'line'), Reflect.get(error, 'code')]
        })
        assert.deepEqual(found.sort(), [
          [3, 'invalid_json'],
          [4, 'not_an_object'],
          [5, 'number_not_exact'],
          [6, 'duplicate_id'],
        ])
        await clear()
      })

      it('lists the first 100 errors and counts the rest', async () => {
        const answer = await api.post(`{"_id":"ok"}\n${'nonsense\n'.repeat(250)}`, ndjson)
        assert.equal(answer.status, 207)
        assert.equal(answer.member('failed'), 250)
        assert.equal(list(answer.member('errors')).length, 100)
        assert.equal((await api.post('nonsense\n'.repeat(3), ndjson)).status, 400)
        assert.equal((await api.post('\n\n', ndjson)).status, 200)
        await clear()
      })

      it('ignores duplicates if the client prefers that', async () => {
        const headers = { ...ndjson, prefer: 'resolution=ignore-duplicates' }
        assert.equal((await api.post('{"_id":"l1"}\n{"_id":"l2"}', headers)).status, 201)
        const again = await api.post('{"_id":"l1"}\n{"_id":"l2"}', headers)
        assert.equal(again.status, 200)
        assert.deepEqual(again.json(), { inserted: 0, failed: 0, errors: [] })
        await clear()
      })

      it('reads lines that are cut anywhere between two chunks', async () => {
        const text = Buffer.from('{"_id":"ä","t":"\u{1F600}"}\n{"_id":"b"}\r\n')
        for (let cut = 1; cut < text.length; cut++) {
          const socket = await openSocket(service.port)
          const head = `POST /data HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${text.length}\r\n`
          socket.write(`${head}Content-Type: application/x-ndjson\r\n\r\n`)
          socket.write(text.subarray(0, cut))
          if (cut % 5 === 0) await sleep(2)
          socket.write(text.subarray(cut))
          const answer = await readUntil(socket, /\r\n\r\n.*\}/s)
          assert.match(answer, cut === 1 ? /^HTTP\/1\.1 201 / : /^HTTP\/1\.1 409 /, `cut at ${cut}`)
          socket.destroy()
        }
        await clear()
      })

      it('refuses a line over the limit', async () => {
        const answer = await api.post(`{"_id":"ok"}\n{"a":"${'x'.repeat(41 << 20)}"}\n`, ndjson)
        assert.equal(answer.status, 413)
        assert.match(String(answer.member('detail')), /Line 2/)
        await clear()
      })
    })

    describe('GET /data', () => {
      it('lists every document, oldest first, as an array or one per line', async () => {
        assert.deepEqual((await api.get('/data')).text, '[]\n')
        assert.deepEqual((await api.get('/data', { accept: 'application/x-ndjson' })).text, '')
        const bodies = Array.from({ length: 25 }, (_, n) => ({ n }))
        for (const body of bodies) await api.post(JSON.stringify(body))
        const array = await api.get('/data')
        assert.deepEqual(list(array.json()).map(withoutId), bodies)
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
          seen.push(...list(page.json()))
          pages++
          path = /^<(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1]
        }
        assert.equal(pages, 3)
        assert.deepEqual(seen, (await api.get('/data')).json())
      })

      it('has no next page if the last one is full', async () => {
        const page = await api.get('/data?limit=25')
        assert.equal(list(page.json()).length, 25)
        assert.equal(page.headers.get('link'), null)
        const after = encodeURIComponent(
          String(Reflect.get(Object(list(page.json()).at(-1)), '_id')),
        )
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
        await clear()
      })
    })

    describe('GET, PUT and DELETE /data/{id}', () => {
      it('answers 404 for a document that is not there', async () => {
        for (const method of ['GET', 'DELETE']) {
          const answer = await api.send(method, '/data/nobody')
          assert.equal(answer.status, 404)
          assert.equal(answer.member('code'), 'not_found')
        }
        assert.equal((await api.send('HEAD', '/data/nobody')).status, 404)
      })

      it('puts a document there and replaces it', async () => {
        const put = (body: string, headers: Record<string, string> = {}) =>
          api.send('PUT', '/data/p', {
            body,
            headers: { 'content-type': 'application/json', ...headers },
          })
        const created = await put('{"n":1,"old":true}')
        assert.equal(created.status, 201)
        assert.equal(created.headers.get('location'), '/data/p')
        assert.equal((await put('{"_id":"p","n":2}')).status, 200)
        const read = await api.get('/data/p')
        assert.deepEqual(read.json(), { _id: 'p', n: 2 })
        assert.equal((await put('{"_id":"q"}')).status, 422)
        assert.equal((await put('[{"a":1}]')).status, 422)
        assert.equal((await put('{"n":3}', { 'content-type': 'text/plain' })).status, 415)
      })

      it('answers with an entity tag, and 304 to a client that has the document', async () => {
        const read = await api.get('/data/p')
        const etag = read.headers.get('etag') ?? ''
        assert.match(etag, /^"[\w-]{22}"$/)
        for (const tags of [etag, `"x", ${etag}`, `W/${etag}`, '*']) {
          const fresh = await api.get('/data/p', { 'if-none-match': tags })
          assert.equal(fresh.status, 304, tags)
          assert.equal(fresh.headers.get('etag'), etag)
          assert.equal(fresh.text, '')
        }
        assert.equal((await api.get('/data/p', { 'if-none-match': '"x"' })).status, 200)
      })

      it('writes only if If-Match and If-None-Match agree', async () => {
        const write = (method: string, headers: Record<string, string>, body = '{"n":9}') =>
          api.send(method, '/data/p', {
            ...(method === 'PUT' ? { body } : {}),
            headers: { 'content-type': 'application/json', ...headers },
          })
        const etag = (await api.get('/data/p')).headers.get('etag') ?? ''
        assert.equal((await write('PUT', { 'if-match': '"other"' })).status, 412)
        assert.equal((await write('PUT', { 'if-none-match': '*' })).status, 412)
        assert.equal((await write('PUT', { 'if-none-match': `W/${etag}` })).status, 412)
        assert.equal((await write('DELETE', { 'if-match': '"other"' })).status, 412)
        const changed = await write('PUT', { 'if-match': etag })
        assert.equal(changed.status, 200)
        const next = changed.headers.get('etag') ?? ''
        assert.equal((await api.get('/data/p')).headers.get('etag'), next)
        assert.equal((await write('PUT', { 'if-match': etag })).status, 412)
        assert.equal((await write('DELETE', { 'if-match': next })).status, 204)
        assert.equal((await write('PUT', { 'if-match': '*' })).status, 412)
        assert.equal((await write('PUT', { 'if-none-match': '*' })).status, 201)
        await clear()
      })

      it('finds an ObjectId that is written in upper case in the address', async () => {
        const id = String((await api.post('{"n":1}')).member('_id'))
        assert.deepEqual((await api.get(`/data/${id.toUpperCase()}`)).json(), { _id: id, n: 1 })
        await clear()
      })

      it('refuses an address that cannot be decoded', async () => {
        assert.equal((await api.get('/data/%zz')).status, 400)
        assert.equal((await api.get('/data/%ff')).status, 400)
        const path = `/data/${'a'.repeat(257)}`
        const body = { body: '{}', headers: { 'content-type': 'application/json' } }
        assert.equal((await api.send('PUT', path, body)).status, 422)
      })
    })

    describe('every address', () => {
      it('answers HEAD as GET without the body, and OPTIONS with what it takes', async () => {
        await api.post('{"_id":"h","n":1}')
        for (const path of [
          '/',
          '/data',
          '/data/h',
          '/livez',
          '/readyz',
          '/metrics',
          '/openapi.json',
        ]) {
          const [head, get] = [await api.send('HEAD', path), await api.get(path)]
          assert.equal(head.status, get.status, path)
          assert.equal(head.text, '')
          assert.equal(head.headers.get('content-type'), get.headers.get('content-type'))
          assert.equal(head.headers.get('etag'), get.headers.get('etag'))
          const options = await api.send('OPTIONS', path)
          assert.equal(options.status, 204)
          assert.match(options.headers.get('allow') ?? '', /^GET, HEAD, .*OPTIONS$/)
        }
        const head = await api.send('HEAD', '/data/h')
        assert.equal(
          head.headers.get('content-length'),
          String((await api.get('/data/h')).text.length),
        )
        await clear()
      })

      it('answers 404 to an unknown path and 405 with Allow to an unknown method', async () => {
        for (const path of ['/nothing', '/data/', '/data/a/b', '/DATA', '//data']) {
          assert.equal((await api.get(path)).status, 404, path)
        }
        const expected: [string, string, string][] = [
          ['PATCH', '/data', 'GET, HEAD, POST, QUERY, OPTIONS'],
          ['DELETE', '/data', 'GET, HEAD, POST, QUERY, OPTIONS'],
          ['POST', '/data/x', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
          ['POST', '/livez', 'GET, HEAD, OPTIONS'],
        ]
        for (const [method, path, allow] of expected) {
          const response = await fetch(api.base + path, { method })
          assert.equal(response.status, 405)
          assert.equal(response.headers.get('allow'), allow)
          assert.match(await response.text(), /method_not_allowed/)
        }
      })

      it('takes an absolute target and OPTIONS *', async () => {
        const absolute = `GET http://any.host/livez HTTP/1.1\r\nHost: any.host\r\nConnection: close\r\n\r\n`
        assert.match(await rawRequest(service.port, absolute), /^HTTP\/1\.1 200 /)
        const star = 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
        assert.match(await rawRequest(service.port, star), /^HTTP\/1\.1 204 .*Allow: GET/s)
      })

      it('answers what is no HTTP with a problem', async () => {
        assert.match(
          await rawRequest(service.port, 'nonsense\r\n\r\n'),
          /^HTTP\/1\.1 400 .*bad_request/s,
        )
        const headers = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`
        assert.match(
          await rawRequest(service.port, headers),
          /^HTTP\/1\.1 431 .*headers_too_large/s,
        )
        const expectation =
          'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: miracles\r\n\r\n'
        assert.match(await rawRequest(service.port, expectation), /^HTTP\/1\.1 417 /)
        const both =
          'POST /data HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
        assert.match(await rawRequest(service.port, both), /^HTTP\/1\.1 400 /)
      })

      it('takes the client’s request id if it is harmless, and makes one otherwise', async () => {
        const own = await api.get('/data/none', { 'x-request-id': 'abc-123' })
        assert.equal(own.headers.get('x-request-id'), 'abc-123')
        assert.equal(own.member('instance'), 'urn:request:abc-123')
        const made = await api.get('/', { 'x-request-id': 'a b<script>' })
        assert.match(made.headers.get('x-request-id') ?? '', /^[\w-]{9,}$/)
      })
    })

    describe('/livez, /readyz and /metrics', () => {
      it('is alive, and ready once the store has answered', async () => {
        assert.equal((await api.get('/livez')).text, 'ok\n')
        for (let tries = 0; tries < 50 && (await api.get('/readyz')).status !== 200; tries++)
          await sleep(50)
        assert.equal((await api.get('/readyz')).text, 'ok\n')
        assert.equal((await api.get('/readyz?verbose')).text, '[+]store ok\n[+]shutdown ok\nok\n')
      })

      it('counts requests by route and status, never by address', async () => {
        await api.get('/data/some-id')
        const { text, headers } = await api.get('/metrics')
        assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
        assert.match(
          text,
          /^http_requests_total\{method="GET",route="\/data\/\{id\}",status="404"\} \d+$/m,
        )
        assert.match(
          text,
          /^http_request_duration_seconds_bucket\{route="\/data",le="\+Inf"\} \d+$/m,
        )
        assert.match(text, /^process_resident_memory_bytes \d+$/m)
        assert.doesNotMatch(text, /some-id/)
      })
    })

    describe('the log', () => {
      it('has a line for each request, without its document', async () => {
        const secret = 'a text that is in the document only'
        const id = String((await api.post(JSON.stringify({ secret }))).member('_id'))
        await api.post(`{"secret":"${secret}","n":1e400}`)
        await sleep(20)
        const text = service.logged.join('')
        assert.doesNotMatch(text, /a text that is/)
        assert.doesNotMatch(text, new RegExp(id))
        const lines = text
          .trimEnd()
          .split('\n')
          .map((line): unknown => JSON.parse(line))
        const posted = lines.filter(
          (line) => typeof line === 'object' && line && Reflect.get(line, 'method') === 'POST',
        )
        const last = Object(posted.at(-1))
        assert.equal(last.status, 422)
        assert.equal(last.route, '/data')
        assert.equal(typeof last.ms, 'number')
        assert.equal(last.level, 30)
        assert.match(last.reqId, /-/)
        await clear()
      })
    })

    describe('a document on its way through the service', () => {
      it('comes back equal, whatever it holds', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(anyDocument, { minLength: 1, maxLength: 12 }),
            async (documents) => {
              const texts = documents.map(stringifyExact)
              const answer = await api.post(`[${texts.join(',')}]`)
              assert.equal(answer.status, 201, answer.text)
              for (const [index, id] of list(answer.member('ids')).entries()) {
                const { text } = await api.get(`/data/${id}`)
                assert.deepEqual(withoutId(parseExact(text)), parseExact(texts[index] ?? ''))
              }
            },
          ),
          { numRuns: 40 },
        )
      })

      it('names the place of what it refuses', async () => {
        await fc.assert(
          fc.asyncProperty(withFault, async ({ text, code, pointer }) => {
            const answer = await api.post(text)
            assert.equal(answer.status, 422)
            assert.deepEqual([answer.member('code'), answer.member('pointer')], [code, pointer])
          }),
          { numRuns: 40 },
        )
        await clear()
      })

      it('keeps every country of the world, as an array and as lines', async () => {
        const array = await api.post(JSON.stringify(countries))
        assert.equal(array.status, 201)
        assert.deepEqual(list((await api.get('/data')).json()).map(withoutId), countries)
        await clear()
        const lines = countries.map((country) => JSON.stringify(country)).join('\n')
        assert.equal((await api.post(lines, ndjson)).status, 201)
        assert.deepEqual(list((await api.get('/data')).json()).map(withoutId), countries)
        await clear()
      })

      it('keeps deep and wide documents', async () => {
        const deep = `{"_id":"deep","a":${'['.repeat(99)}1${']'.repeat(99)}}`
        const members = Array.from({ length: 20_000 }, (_, n) => `"k${n}":${n}`)
        const wide = `{"_id":"wide",${members.join(',')}}`
        for (const text of [deep, wide]) assert.equal((await api.post(text)).status, 201)
        assert.deepEqual((await api.get('/data/deep')).json(), JSON.parse(deep))
        assert.equal((await api.get('/data/wide')).text, `${wide}\n`)
        await clear()
      })
    })
  })
}
