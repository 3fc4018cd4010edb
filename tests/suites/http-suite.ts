// What is HTTP about the service, over real sockets, the same for every store; every answer is held against /openapi.json.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { type Client, deleteAll } from '../support/client.ts'
import { rawRequest } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'

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
        await deleteAll(api)
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

      it('answers what is not HTTP with a problem', async () => {
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
        await deleteAll(api)
      })
    })
  })
}
