// Which names the service answers to: a page of another site may have pointed its own at this address.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { rawRequest } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

function serviceFor(name: string, allowedHosts: readonly string[] | undefined) {
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(folder, `${name}.db`)), { allowedHosts })
    await service.client.post('{"_id":"kept"}')
  })
  after(() => service.close())
  const send = async (line: string, ...headers: string[]) => {
    const head = [line, 'Connection: close', ...headers, '', '']
    const answer = await rawRequest(service.port, head.join('\r\n'))
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), answer }
  }
  return { send, port: () => service.port, logged: () => service.logged.join('') }
}

// biome-ignore format: by kind, some in a line
const anyone = [
  'localhost', 'LocalHost', 'localhost.', 'app.localhost', 'a.b.localhost',
  '127.0.0.1', '10.1.2.3', '192.168.49.2', '[::1]', '[fe80::1]', '[::ffff:127.0.0.1]',
]
// biome-ignore format: by kind, some in a line
const strangers = [
  'evil.example', 'localhost.evil.example', 'evil-localhost', 'notlocalhost', '.localhost.x',
  '127.0.0.1.evil.example', '127.0.0.1.nip.io', '1.2.3', '0x7f.1', '2130706433', '[::1', '::1',
  'localhost@evil.example', 'evil.example:80:80', 'localhost%2eevil.example', 'local%68ost',
]

describe('a service that only this machine can reach', () => {
  const { send, logged } = serviceFor('local', ['localhost'])

  for (const host of anyone) {
    it(`answers to ${host}, at any port`, async () => {
      for (const port of ['', ':', ':5000', ':80']) {
        assert.equal(
          (await send('GET /data/kept HTTP/1.1', `Host: ${host}${port}`)).status,
          200,
          port,
        )
      }
    })
  }

  for (const host of strangers) {
    it(`does not answer to ${host}`, async () => {
      const { status } = await send('GET /data/kept HTTP/1.1', `Host: ${host}`)
      assert.ok(status === 421 || status === 400, String(status))
    })
  }

  it('does nothing for another name, whatever is asked, and says what to set', async () => {
    const own = ['Host: evil.example:5000', 'Origin: http://evil.example:5000']
    for (const line of [
      'GET /',
      'GET /data',
      'HEAD /data',
      'GET /data/kept',
      'DELETE /data/kept',
      'OPTIONS /data',
      'GET /livez',
      'GET /readyz',
      'GET /metrics',
      'GET /openapi.json',
      'GET /page/style.css',
      'POST /data',
      'PUT /data/kept',
      'POST /page/documents',
      'PATCH /data',
      'GET /nowhere',
    ]) {
      const { status, answer } = await send(`${line} HTTP/1.1`, ...own, 'Content-Length: 0')
      assert.equal(status, 421, line)
      if (!line.startsWith('HEAD')) {
        assert.match(answer, /"code":"misdirected_request"/)
        assert.match(answer, /\\"evil\.example:5000\\".*ALLOWED_HOSTS/)
      }
    }
    assert.equal((await send('GET /data/kept HTTP/1.1', 'Host: localhost')).status, 200)
    assert.match(logged(), /"status":421,"code":"misdirected_request"/)
  })

  it('goes by the host of the target if that has one, whatever Host says', async () => {
    const target = (host: string) => `GET http://${host}/data/kept HTTP/1.1`
    assert.equal((await send(target('evil.example'), 'Host: localhost')).status, 421)
    assert.equal((await send(target('EVIL.example:80'), 'Host: localhost')).status, 421)
    assert.equal((await send(target('localhost@evil.example'), 'Host: localhost')).status, 421)
    assert.equal((await send('GET HTTPS://evil.example HTTP/1.1', 'Host: localhost')).status, 421)
    assert.equal((await send(target('localhost:5000'), 'Host: localhost:5000')).status, 200)
  })

  it('quotes little of a very long name', async () => {
    const { status, answer } = await send('GET / HTTP/1.1', `Host: ${'x'.repeat(10_000)}`)
    assert.equal(status, 421)
    assert.ok(answer.length < 1000)
  })

  it('answers a request without a host, which no browser sends', async () => {
    assert.equal((await send('GET /livez HTTP/1.0')).status, 200)
    assert.equal((await send('GET /livez HTTP/1.0', 'Host:')).status, 200)
  })
})

describe('a service with names of its own', () => {
  const { send } = serviceFor('named', ['data.example', '*.cluster.local'])
  const statusFor = async (host: string) =>
    (await send('GET /data HTTP/1.1', `Host: ${host}`)).status

  it('answers to these, and to what nobody can point elsewhere', async () => {
    for (const host of [
      'data.example',
      'Data.Example.',
      'data.example:8443',
      'a.cluster.local',
      'app-service.mongo.svc.cluster.local:5000',
      ...anyone,
    ]) {
      assert.equal(await statusFor(host), 200, host)
    }
  })

  it('does not answer to names around them', async () => {
    for (const host of [
      'cluster.local',
      'xcluster.local',
      'a.cluster.local.evil.example',
      '*.cluster.local.x',
      'www.data.example',
      'data.example.evil.example',
      'evildata.example',
      ...strangers,
    ]) {
      const status = await statusFor(host)
      assert.ok(status === 421 || status === 400, `${host}: ${status}`)
    }
  })
})

describe('a service that everybody may reach', () => {
  const everyName = serviceFor('any', undefined)
  const star = serviceFor('star', ['*'])

  it('answers to every name: without a list, and with the list *', async () => {
    for (const { send } of [everyName, star]) {
      assert.equal((await send('GET /data HTTP/1.1', 'Host: any.example')).status, 200)
    }
  })
})
