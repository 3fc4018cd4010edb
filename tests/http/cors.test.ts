// Pages of other origins: those of the setting may read and write, and are told what they need; no others.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readConfig } from '../../src/config.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { rawRequest } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const app = 'https://app.example'

describe('a page of another origin', () => {
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(folder, 'cors.db')), {
      corsOrigins: [app],
      access: { token: 'a token of the service', scope: 'writes' },
    })
  })
  after(() => service.close())

  const send = async (line: string, headers: readonly string[], body = '') => {
    const head = [`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers]
    if (body !== '') head.push(`Content-Length: ${body.length}`, 'Content-Type: application/json')
    return rawRequest(service.port, Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`))
  }
  const headerOf = (answer: string, name: string) =>
    new RegExp(`^${name}: (.*)\r$`, 'im').exec(answer)?.[1]

  it('asks first, and hears which methods and headers it may send', async () => {
    for (const [path, methods] of [
      ['/data', 'GET, HEAD, POST, QUERY, OPTIONS'],
      ['/data/x', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
    ] as const) {
      const answer = await send(`OPTIONS ${path}`, [
        `Origin: ${app}`,
        'Access-Control-Request-Method: PATCH',
        'Access-Control-Request-Headers: content-type, if-match',
        'Sec-Fetch-Site: cross-site',
      ])
      assert.match(answer, /^HTTP\/1\.1 204 /)
      assert.equal(headerOf(answer, 'access-control-allow-origin'), app)
      assert.equal(headerOf(answer, 'access-control-allow-methods'), methods)
      assert.match(
        headerOf(answer, 'access-control-allow-headers') ?? '',
        /Authorization.*If-Match/,
      )
      assert.equal(headerOf(answer, 'access-control-allow-credentials'), undefined)
    }
  })

  it('writes with the token, reads, and sees the headers that it needs', async () => {
    const browser = [`Origin: ${app}`, 'Sec-Fetch-Site: cross-site']
    const token = 'Authorization: Bearer a token of the service'
    const put = await send('PUT /data/a', [...browser, token], '{"n":1}')
    assert.match(put, /^HTTP\/1\.1 201 /)
    assert.equal(headerOf(put, 'access-control-allow-origin'), app)
    assert.match(await send('PUT /data/b', browser, '{"n":1}'), /^HTTP\/1\.1 401 /)
    for (const path of [
      '/data',
      '/data/a',
      '/data?n:eq=1',
      '/data/none',
      '/nowhere',
      '/openapi.json',
    ]) {
      const answer = await send(`GET ${path}`, browser)
      assert.equal(headerOf(answer, 'access-control-allow-origin'), app, path)
      assert.match(
        headerOf(answer, 'access-control-expose-headers') ?? '',
        /ETag.*Link.*X-Total-Count/,
      )
      assert.match(headerOf(answer, 'vary') ?? '', /Origin/, path)
      assert.equal(answer.match(/^vary:/gim)?.length, 1, path)
    }
  })

  it('is refused and told nothing if the setting does not name it', async () => {
    const browser = ['Origin: https://evil.example', 'Sec-Fetch-Site: cross-site']
    assert.match(await send('PUT /data/c', browser, '{"n":1}'), /^HTTP\/1\.1 403 /)
    for (const line of ['GET /data', 'OPTIONS /data']) {
      const answer = await send(line, [...browser, 'Access-Control-Request-Method: PUT'])
      assert.equal(headerOf(answer, 'access-control-allow-origin'), undefined)
      assert.equal(headerOf(answer, 'access-control-allow-methods'), undefined)
      assert.equal(headerOf(answer, 'vary')?.includes('Origin'), true)
    }
  })

  it('is told nothing without the setting', async () => {
    const plain = await runService(openSqliteStore(join(folder, 'plain.db')))
    const answer = await plain.client.get('/data', { origin: app })
    assert.equal(answer.headers.get('access-control-allow-origin'), null)
    assert.equal(answer.headers.get('vary'), 'Accept')
    await plain.close()
  })

  it('may be any if there is no token', async () => {
    const open = await runService(openSqliteStore(join(folder, 'open.db')), { corsOrigins: ['*'] })
    const answer = await open.client.get('/data', { origin: 'https://a.example' })
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    await open.close()
  })
})

describe('CORS_ORIGINS', () => {
  const read = (CORS_ORIGINS: string, more: Record<string, string> = {}) =>
    readConfig({ CORS_ORIGINS, ...more })

  it('takes origins as a browser writes them', () => {
    const { config } = read('https://app.example, http://localhost:3000')
    assert.deepEqual(config?.corsOrigins, ['https://app.example', 'http://localhost:3000'])
    assert.deepEqual(readConfig({}).config?.corsOrigins, [])
    assert.deepEqual(read('*').config?.corsOrigins, ['*'])
  })

  it('refuses what no browser sends, and * beside a token', () => {
    for (const wrong of [
      'app.example',
      'https://app.example/',
      'https://app.example:443',
      'ftp://a',
      'https://*.example',
      'https://app.example,',
    ]) {
      assert.equal(read(wrong).faults?.length, 1, wrong)
    }
    assert.match(String(read('*', { API_TOKEN: 'x'.repeat(20) }).faults), /only without API_TOKEN/)
    assert.match(String(read('*,https://a.example').faults), /alone/)
  })
})
