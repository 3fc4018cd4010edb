// A service with API_TOKEN: no generated request without the token changes a document, or reads one.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { AccessScope } from '../../../src/http/access.ts'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { openSocket } from '../../support/raw-request.ts'
import { type RunningService, runService } from '../../support/running-service.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { badRequests } from './bad-requests.ts'
import { amount } from './form.ts'

const folder = temporaryFolder()
const cases = amount('TOKEN_REQUESTS', 20_000, 1_000)
const seed = amount('SEED', randomInt(1, 2 ** 31), randomInt(1, 2 ** 31))
const batchSize = 100
const token = 'k3-Zq_9vXw.7LmPtB2'
const authorization = { authorization: `Bearer ${token}` }
const secret = 'only-with-the-token'
const witnesses = ['a', 'b', '$ne', '__proto__'].map((_id) => JSON.stringify({ _id, secret }))

// Nearly the token, or no token at all.
const wrongs = [
  '',
  'Authorization:',
  'Authorization: Bearer',
  `Authorization: Bearer ${token.slice(0, -1)}`,
  `Authorization: Bearer ${token}x`,
  `Authorization: Bearer ${token.toLowerCase()}`,
  `Authorization: Bearer ${token},${token}`,
  `Authorization: Bearer ${token}\x80`,
  `Authorization: Bearer "${token}"`,
  `Authorization: Bearer Bearer ${token}`,
  `Authorization: Bearer\t${token}`,
  `Authorization: ${token}`,
  `Authorization: Basic ${token}`,
  `Authorization: Basic ${Buffer.from(`Bearer:${token}`).toString('base64')}`,
  `Authorization: Bearer wrong\r\nAuthorization: Bearer ${token}`,
  `Authorization: Bearer \r\n ${token}`,
  `Authorization : Bearer ${token}`,
  `\x0bAuthorization: Bearer ${token}`,
  `Authorization\x00: Bearer ${token}`,
  `Proxy-Authorization: Bearer ${token}`,
  `X-Authorization: Bearer ${token}`,
  `Cookie: Authorization=Bearer ${token}; token=${token}`,
  `X-HTTP-Method-Override: GET\r\nX-HTTP-Method: GET`,
  `Authorization: Bearer [object Object]`,
]

// biome-ignore format: by kind, some in a line
const targets = [
  '/data', '/data/a', '/data/%61', '/data/a?', '/data/a#', '/data?limit=1', '/data/',
  '//data',
  '//data/a',
  '/./data',
  '/x/../data/a',
  '/%64ata',
  '/%64ata/a',
  '/data%2fa',
  '/DATA',
  '/data;x=1', '/data/a;x=1', '/data\\a', '/data/a%00', '/data/a/', '/data/./a', '/data//a',
  'http://x/data/a',
  'http://x/data',
  'HTTP://x/data/a',
  'https://u:p@x/data/a',
  'http://x//data',
  `/data?access_token=${token}`,
  `/data/a?token=${token}&API_TOKEN=${token}`,
  '/healthz/../data/a',
  '/data/a?_method=GET',
  '/metrics?/data',
  '/readyz/../data',
  '/page/documents',
  '/page/documents/a',
  '/page/removals/a',
  '/page/documents/%61', '/page/newest', '/', '*', 'x:80', '/openapi.json/../data/a',
]
// biome-ignore format: by kind, some in a line
const methods = [
  'GET', 'POST', 'PUT', 'DELETE', 'GET', 'POST', 'PUT', 'DELETE', 'PUT', 'DELETE',
  'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'CONNECT', 'QUERY',
  'get', 'post', 'delete', 'Delete', 'PUT\t', 'M-SEARCH', 'PURGE', 'MOVE', 'COPY', 'LINK',
]

const json = '{"_id":"a","secret":"gone"}'
const form = 'document=%7B%22_id%22%3A%22a%22%7D&action=delete&etag=*'

/** Whole requests, most of which would be done if the token were where it belongs. A trailer is not a header. */
const wholeRequest = fc
  .record({
    method: fc.constantFrom(...methods),
    target: fc.constantFrom(...targets),
    wrong: fc.constantFrom(...wrongs),
    version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
    body: fc.constantFrom(json, json, `[{"_id":"new"},{}]`, form, ''),
    type: fc.constantFrom(
      'application/json',
      'application/x-ndjson',
      'application/x-www-form-urlencoded',
    ),
    chunked: fc.boolean(),
  })
  .map(({ method, target, wrong, version, body, type, chunked }) => {
    const head = [`${method} ${target} HTTP/${version}`, 'Host: x', `Content-Type: ${type}`, wrong]
    const trailer = `0\r\nAuthorization: Bearer ${token}\r\n\r\n`
    const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`
    const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`
    const lines = [...head.filter(Boolean), framing, '', chunked ? `${chunk}${trailer}` : body]
    return lines.join('\r\n')
  })

const noToken = fc.oneof(
  { weight: 3, arbitrary: fc.array(wholeRequest, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: badRequests.map((bytes) => [bytes]) },
)

/** All that comes back until the connection ends, or until nothing has come for a moment. */
async function answersTo(port: number, bytes: string): Promise<string> {
  const socket = await openSocket(port)
  const { promise, resolve } = Promise.withResolvers<void>()
  let received = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    received += chunk
  })
  socket.on('error', () => {}) // a reset is an end
  socket.on('close', () => resolve())
  socket.setTimeout(300, () => socket.destroy())
  socket.write(bytes, 'latin1')
  await promise
  return received
}

function tokenSuite(scope: AccessScope): void {
  describe(`with API_TOKEN for ${scope}`, () => {
    let service: RunningService
    let untouched = ''
    const all = async () => (await service.client.get('/data', authorization)).text
    before(async () => {
      const store = openSqliteStore(join(folder, `${scope}.db`))
      service = await runService(store, { access: { token, scope } })
      for (const witness of witnesses) {
        assert.equal((await service.client.post(witness, authorization)).status, 201)
      }
      untouched = await all()
    })
    after(() => service.close())

    it('lets no request without the token change a document, or read one that it must not', async (t) => {
      t.diagnostic(`RELIABILITY_SEED=${seed}`)
      const counts = new Map<string, number>()
      for (let batch = 0; batch * batchSize < cases; batch++) {
        const sample = fc
          .sample(noToken, { numRuns: batchSize, seed: seed + batch })
          .map((parts) => parts.join(''))
        const received = await Promise.all(sample.map((bytes) => answersTo(service.port, bytes)))
        for (const [index, text] of received.entries()) {
          for (const [, status = ''] of text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)) {
            counts.set(status, (counts.get(status) ?? 0) + 1)
            assert.ok(Number(status) < 500, `${JSON.stringify(sample[index])} got ${status}`)
          }
          if (scope === 'all') assert.ok(!text.includes(secret), JSON.stringify(sample[index]))
        }
        assert.equal(await all(), untouched, `seed ${seed}, batch ${batch}`)
      }
      const sorted = [...counts].sort(([a], [b]) => a.localeCompare(b))
      t.diagnostic(sorted.map(([status, count]) => `${status}: ${count}`).join(', '))
      assert.ok((counts.get('401') ?? 0) > cases / 20, 'too few came as far as the token')
      assert.ok(!counts.has('201') && !counts.has('207'), 'something was inserted')
    })

    it('takes the token from the one header that it belongs in', async () => {
      const answer = await service.client.send('PUT', '/data/last', {
        body: '{"n":1}',
        headers: { ...authorization, 'content-type': 'application/json' },
      })
      assert.equal(answer.status, 201)
    })
  })
}

tokenSuite('writes')
tokenSuite('all')
