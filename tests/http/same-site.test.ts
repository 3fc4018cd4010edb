// What a browser sends for a page of another site changes nothing, whatever its method and its media type.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { rawRequest } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const host = 'service.example:5000'

const another: [what: string, headers: string[]][] = [
  ['another site', ['Origin: http://evil.example', 'Sec-Fetch-Site: cross-site']],
  ['another site, over plain http', ['Origin: http://evil.example']],
  ['another site, which a browser does not name', ['Sec-Fetch-Site: cross-site']],
  ['another host of the same site', ['Sec-Fetch-Site: same-site']],
  ['another port of this host', ['Origin: http://service.example:8080']],
  ['the port that is meant where there is none', ['Origin: http://service.example']],
  ['a file, or a frame without an origin', ['Origin: null']],
  ['an extension', ['Origin: chrome-extension://abcdef', 'Sec-Fetch-Site: none']],
  ['no origin at all', ['Origin: nonsense']],
  ['a relation that nobody knows', ['Sec-Fetch-Site: friend']],
]
const own: [what: string, headers: string[]][] = [
  ['a program', []],
  ['its own page', ['Origin: http://service.example:5000', 'Sec-Fetch-Site: same-origin']],
  ['its own page, over plain http', ['Origin: http://SERVICE.example:5000']],
  ['its own page, through a proxy with TLS', ['Origin: https://service.example:5000']],
  [
    'its own page, through a proxy that changes Host',
    ['Origin: https://a', 'Sec-Fetch-Site: same-origin'],
  ],
  ['its own user, by hand', ['Sec-Fetch-Site: none']],
]
const changes: [line: string, type: string, body: string][] = [
  ['POST /data', 'application/json', '{"_id":"made"}'],
  ['POST /data', 'application/x-ndjson', '{"_id":"made"}\n'],
  ['POST /data', 'text/plain', '{"_id":"made"}'],
  ['PUT /data/made', 'application/json', '{}'],
  ['DELETE /data/kept', '', ''],
  ['POST /page/documents', 'application/x-www-form-urlencoded', 'document={"_id":"made"}'],
  ['POST /nowhere', 'application/json', '{}'],
  ['PATCH /data/kept', 'application/json', '{}'],
]

describe('a request of a browser', () => {
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(folder, 'same-site.db')))
    await service.client.post('{"_id":"kept"}')
  })
  after(() => service.close())

  const send = async (line: string, headers: string[], type = '', body = '', as = host) => {
    const typed = type === '' ? [] : [`Content-Type: ${type}`]
    const length = `Content-Length: ${body.length}`
    const head = [
      `${line} HTTP/1.1`,
      `Host: ${as}`,
      'Connection: close',
      length,
      ...typed,
      ...headers,
    ]
    const answer = await rawRequest(service.port, `${head.join('\r\n')}\r\n\r\n${body}`)
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), answer }
  }

  for (const [what, headers] of another) {
    it(`changes nothing for ${what}`, async () => {
      for (const [line, type, body] of changes) {
        const { status, answer } = await send(line, headers, type, body)
        assert.equal(status, 403, `${line} ${type}`)
        assert.match(answer, /"code":"cross_site"/)
      }
      assert.equal((await service.client.get('/data')).text, '[{"_id":"kept"}]\n')
      assert.equal((await send('GET /data', headers)).status, 200)
      assert.equal((await send('OPTIONS /data', headers)).status, 204)
    })
  }

  for (const [what, headers] of own) {
    it(`is taken from ${what}`, async () => {
      const { status } = await send('PUT /data/x', headers, 'application/json', '{}')
      assert.equal(status, 201)
      assert.equal((await send('DELETE /data/x', headers)).status, 204)
    })
  }

  it('is held against the host of the target if that has one', async () => {
    const line = `DELETE http://service.example/data/x`
    assert.equal((await send(line, ['Origin: http://service.example'])).status, 404)
    assert.equal((await send(line, [`Origin: http://${host}`])).status, 403)
  })

  it('may have the port that its scheme means, in Host alone', async () => {
    for (const [origin, as] of [
      ['http://a.example', 'a.example:80'],
      ['https://a.example', 'A.example:443'],
      ['http://[::1]', '[::1]:80'],
    ] as const) {
      assert.equal(
        (await send('DELETE /data/x', [`Origin: ${origin}`], '', '', as)).status,
        404,
        as,
      )
    }
  })
})
