// The bearer token: what needs it, what stays open, and how a request without it is refused.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import type { Client } from '../support/client.ts'
import { rawRequest } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const token = 'a-token.of/32+characters~0123456'
const bearer = { authorization: `Bearer ${token}` }
const json = { 'content-type': 'application/json' }
const browser = { accept: 'text/html' }

const writes = [
  ['POST', '/data'],
  ['PUT', '/data/x'],
  ['DELETE', '/data/x'],
] as const
const reads = ['/data', '/data?limit=1', '/data/kept']
const open = ['/', '/livez', '/readyz?verbose', '/metrics', '/openapi.json', '/page/style.css']

for (const scope of ['writes', 'all'] as const) {
  describe(`a service with a token for ${scope}`, () => {
    let service: RunningService
    let api: Client
    before(async () => {
      const store = openSqliteStore(join(folder, `${scope}.db`))
      service = await runService(store, { access: { token, scope } })
      api = service.client
      const kept = await api.post('{"_id":"kept","n":1}', bearer)
      assert.equal(kept.status, 201)
    })
    after(() => service.close())

    it('refuses every write without the token, and does not write', async () => {
      for (const [method, path] of writes) {
        const { status, headers, member } = await api.send(method, path, {
          ...(method === 'DELETE' ? {} : { body: '{"_id":"x"}' }),
          headers: json,
        })
        assert.equal(status, 401, method)
        assert.equal(member('code'), 'token_missing')
        assert.equal(headers.get('www-authenticate'), 'Bearer realm="data-service"')
      }
      assert.equal((await api.get('/data/x', bearer)).status, 404)
    })

    it('refuses any other token, and says that it is the token', async () => {
      // biome-ignore format: by kind, some in a line
      const others = [
        token.slice(0, -1), `${token}x`, token.toUpperCase(), `"${token}"`, 'x', '', '=',
        `${token} ${token}`,
      ]
      for (const other of others) {
        const { status, headers, text } = await api.post('{}', {
          authorization: `Bearer ${other}`,
        })
        assert.equal(status, 401, other)
        assert.match(text, /"token_invalid"/)
        const expected = 'Bearer realm="data-service", error="invalid_token"'
        assert.equal(headers.get('www-authenticate'), expected)
        assert.ok(other === '' || !text.includes(`${other}"`))
      }
      for (const scheme of ['Basic', 'Token', token]) {
        const answer = await api.post('{}', { authorization: `${scheme} ${token}` })
        assert.equal(answer.member('code'), 'token_missing', scheme)
      }
      const twice = `POST /data?access_token=${token} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`
      assert.match(await rawRequest(service.port, `${twice}\r\n`), /^HTTP\/1\.1 401 /)
    })

    it('takes the token, whatever the case of the scheme', async () => {
      for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
        const answer = await api.post('{"n":1}', { authorization: `${scheme} ${token}` })
        assert.equal(answer.status, 201)
      }
      assert.equal((await api.send('DELETE', '/data/kept', { headers: bearer })).status, 204)
      const body = '{"_id":"kept","n":1}'
      const put = await api.send('PUT', '/data/kept', { body, headers: { ...json, ...bearer } })
      assert.equal(put.status, 201)
    })

    it(`${scope === 'all' ? 'refuses reading without the token too' : 'lets everybody read'}`, async () => {
      const expected = scope === 'all' ? 401 : 200
      for (const path of reads) {
        for (const method of ['GET', 'HEAD']) {
          assert.equal((await api.send(method, path)).status, expected, `${method} ${path}`)
          assert.equal((await api.send(method, path, { headers: bearer })).status, 200)
        }
      }
    })

    it('leaves probes, metrics, the description and the clock open', async () => {
      for (const path of open) assert.equal((await api.get(path)).status, 200, path)
      assert.equal((await api.send('OPTIONS', '/data')).status, 204)
    })

    it('refuses before it asks for the body', async () => {
      const head = 'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
      const text = `${head}Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n`
      assert.match(await rawRequest(service.port, text), /^HTTP\/1\.1 401 /)
    })

    it('shows a page without forms that says why', async () => {
      const { status, text } = await api.get('/', browser)
      assert.equal(status, 200)
      assert.doesNotMatch(text, /method="post"|<textarea|\/page\/documents/)
      assert.match(text, /need(s)? a token.*Authorization: Bearer/s)
      assert.equal(text.includes('kept'), scope === 'writes')
      assert.equal((await api.get('/page/newest', browser)).status, scope === 'writes' ? 200 : 404)
      for (const path of ['/page/documents', '/page/documents/kept', '/page/removals/kept']) {
        assert.equal((await api.get(path, browser)).status, 404)
        const form = { 'content-type': 'application/x-www-form-urlencoded' }
        const posted = await api.send('POST', path, { body: 'document={}', headers: form })
        assert.equal(posted.status, 404)
      }
    })

    it('says in /openapi.json which requests need it', async () => {
      const { text } = await api.get('/openapi.json')
      const validator = new Validator()
      const { valid, errors } = await validator.validate(JSON.parse(text))
      assert.ok(valid, JSON.stringify(errors))
      const { paths, components } = JSON.parse(text)
      assert.equal(components.securitySchemes.token.scheme, 'bearer')
      assert.deepEqual(paths['/data'].post.security, [{ token: [] }])
      assert.deepEqual(paths['/livez'].get.security, [])
      const security = scope === 'all' ? [{ token: [] }] : []
      assert.deepEqual(paths['/data'].get.security, security)
    })

    it('never logs the token', async () => {
      const text = service.logged.join('')
      assert.match(text, /"status":401/)
      assert.doesNotMatch(text, /a-token/)
    })
  })
}

describe('a service without a token', () => {
  it('takes a request that brings one anyway, and describes no token', async () => {
    const service = await runService(openSqliteStore(join(folder, 'open.db')))
    try {
      assert.equal((await service.client.post('{}', bearer)).status, 201)
      const { text } = await service.client.get('/openapi.json')
      assert.doesNotMatch(text, /"securitySchemes":|"scheme": "bearer"/)
    } finally {
      await service.close()
    }
  })
})
