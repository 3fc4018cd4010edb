// What a browser may do with this service: the headers of every kind of answer, CORS, and other sites' requests.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Route } from '../../src/http/route.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { rawRequest } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

const failing: Route = {
  method: 'GET',
  path: '/failing',
  produces: ['text/plain'],
  handle: () => {
    throw new TypeError('a bug')
  },
  operation: {},
}

const html = 'Accept: text/html'
const json = 'Content-Type: application/json'
const form = 'Content-Type: application/x-www-form-urlencoded'

const request = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'Host: service.example', 'Connection: close', ...headers, '', ''].join(
    '\r\n',
  )
const withBody = (line: string, body: string, ...headers: string[]) =>
  request(line, ...headers, `Content-Length: ${body.length}`) + body

const pages: [what: string, text: string, status: number][] = [
  ['the page', request('GET /', html), 200],
  ['the page, compressed', request('GET /', html, 'Accept-Encoding: gzip'), 200],
  ['the page of a document', request('GET /page/documents/x', html), 200],
  ['the page of no document', request('GET /page/documents/none', html), 404],
  ['the page of a fault', withBody('POST /page/documents', 'document={', form), 400],
]
const others: [what: string, text: string, status: number][] = [
  ['a part of the page', request('GET /page/newest', html), 200],
  ['a style sheet', request('GET /page/style.css'), 200],
  ['a module', request('GET /page/live.js'), 200],
  ['the icon', request('GET /page/icon.svg'), 200],
  ['the time as text', request('GET /'), 200],
  ['a list', request('GET /data'), 200],
  ['the head of a list', request('HEAD /data'), 200],
  ['a document', request('GET /data/x'), 200],
  ['a document that is known', request('GET /data/x', 'If-None-Match: *'), 304],
  ['a new document', withBody('POST /data', '{"_id":"y"}', json), 201],
  ['a document that is removed', request('DELETE /data/y'), 204],
  ['a redirect', request('GET /page/documents', html), 303],
  ['a problem of the body', withBody('POST /data', '{', json), 400],
  ['a form of another site', withBody('POST /page/documents', '', 'Origin: http://evil'), 403],
  ['an unknown address', request('GET /nowhere', html), 404],
  ['an unknown method', request('PATCH /data'), 405],
  ['another media type', request('GET /data', html), 406],
  ['a fault of the service', request('GET /failing'), 500],
  ['a request without Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['no HTTP at all', 'nonsense\r\n\r\n', 400],
  ['a head that is too large', request('GET /', `X: ${'y'.repeat(20_000)}`), 431],
  ['a probe', request('GET /readyz'), 200],
  ['the metrics', request('GET /metrics'), 200],
  ['the description', request('GET /openapi.json'), 200],
  ['the methods of an address', request('OPTIONS /data'), 204],
]

describe('what a browser is told', () => {
  let service: RunningService
  before(async () => {
    const store = openSqliteStore(join(folder, 'browser.db'))
    service = await runService(store, { routes: [failing] })
    await service.client.post('{"_id":"x"}')
    // The probe of the table is for a service that is ready.
    while ((await service.client.get('/readyz')).status !== 200);
  })
  after(() => service.close())

  const send = async (text: string) => {
    const answer = await rawRequest(service.port, text)
    const [head = ''] = answer.split('\r\n\r\n')
    const fields = [...head.matchAll(/^([\w-]+): (.*?)\r?$/gm)]
    const headers = new Map<string, string>()
    for (const [, name = '', value = ''] of fields) {
      // Two policies would both count.
      assert.ok(!headers.has(name.toLowerCase()), `${name} comes twice`)
      headers.set(name.toLowerCase(), value)
    }
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), headers }
  }

  const expectCommon = (headers: ReadonlyMap<string, string>) => {
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
    for (const name of ['server', 'x-powered-by', 'access-control-allow-origin']) {
      assert.equal(headers.get(name), undefined, name)
    }
  }

  for (const [what, text, expected] of pages) {
    it(`lets a page load its own files alone: ${what}`, async () => {
      const { status, headers } = await send(text)
      assert.equal(status, expected)
      expectCommon(headers)
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /)
      assert.match(policy, /form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/)
      assert.equal(headers.get('referrer-policy'), 'same-origin')
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin')
      assert.equal(headers.get('cache-control'), 'no-store')
    })
  }

  for (const [what, text, expected] of others) {
    it(`lets nothing run in what is not a page: ${what}`, async () => {
      const { status, headers } = await send(text)
      assert.equal(status, expected)
      expectCommon(headers)
      const policy = "default-src 'none'; frame-ancestors 'none'"
      assert.equal(headers.get('content-security-policy'), policy)
      assert.equal(headers.get('referrer-policy'), 'no-referrer')
    })
  }

  it('gives a page of another site no permission to send or read anything (CORS)', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      for (const path of ['/data', '/data/x', '/page/documents', '/metrics', '/nowhere']) {
        const { headers } = await send(
          request(
            `OPTIONS ${path}`,
            'Origin: http://evil.example',
            `Access-Control-Request-Method: ${method}`,
            'Access-Control-Request-Headers: content-type, authorization, idempotency-key',
          ),
        )
        const granted = [...headers.keys()].filter((name) => name.startsWith('access-control'))
        assert.deepEqual(granted, [], `${method} ${path}`)
      }
    }
    const read = await send(request('GET /data', 'Origin: http://evil.example'))
    assert.equal(read.headers.get('access-control-allow-origin'), undefined)
  })

  // The content types that a page may send to any site without asking it first (Fetch standard,
  // "CORS-safelisted"), and none at all, which a Blob without a type has.
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    '',
  ]) {
    it(`refuses a POST to /data that any site can make a browser send: ${type || 'no type'}`, async () => {
      const headers = type === '' ? [] : [`Content-Type: ${type}`]
      const { status } = await send(withBody('POST /data', '{"_id":"forged"}', ...headers))
      assert.equal(status, 415)
      assert.equal((await send(request('GET /data/forged'))).status, 404)
    })
  }

  const forms: [what: string, headers: string[], status: number][] = [
    ['of this page', ['Origin: http://service.example', 'Sec-Fetch-Site: same-origin'], 303],
    ['of this page, over plain http', ['Origin: http://service.example'], 303],
    ['from a client that is not a browser', [], 303],
    ['of another site', ['Origin: http://evil.example', 'Sec-Fetch-Site: cross-site'], 403],
    ['of another site, over plain http', ['Origin: http://evil.example'], 403],
    ['of another host of the same site', ['Sec-Fetch-Site: same-site'], 403],
    ['of another port of this host', ['Origin: http://service.example:8080'], 403],
    ['of a frame without an origin', ['Origin: null'], 403],
    ['of no origin at all', ['Origin: nonsense'], 403],
  ]
  for (const [what, headers, expected] of forms) {
    it(`${expected === 303 ? 'takes' : 'refuses'} a form ${what}`, async () => {
      for (const [path, body] of [
        ['/page/documents', 'document={"n":1}'],
        ['/page/documents/nobody', 'do=remove&etag='],
      ] as const) {
        const { status } = await send(withBody(`POST ${path}`, body, form, ...headers))
        assert.equal(status, expected, path)
      }
    })
  }
})
