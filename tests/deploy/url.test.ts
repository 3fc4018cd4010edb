// How the URL is found, published and asked.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { publishedPort } from '../../deploy/cluster/machine.ts'
import { complaintOf, urlIn } from '../../deploy/commands/find-url.ts'

describe('the URL', () => {
  let server: Server
  let url = ''
  let status = 200
  before(async () => {
    server = createHttpServer((_, answer) => {
      answer.statusCode = status
      answer.end('x')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`
  })
  after(() => server.close())

  test('is asked without the proxy of the environment', async () => {
    const program = `import { complaintOf } from './deploy/commands/find-url.ts'
      console.log(await complaintOf('${url}'))`
    const proxy = 'http://127.0.0.1:1'
    const noExceptions = { NO_PROXY: '', no_proxy: '' }
    const proxied = {
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: proxy,
      http_proxy: proxy,
      ...noExceptions,
    }
    const asked = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, ...proxied },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    assert.equal((await asked.stdout.setEncoding('utf8').toArray()).join(''), 'undefined\n')
  })

  test('that answers with an error is named with it', async () => {
    status = 503
    assert.equal(await complaintOf(url), `GET ${url} answered 503`)
    status = 200
  })

  test('that nothing listens at is named with the reason', async () => {
    assert.match((await complaintOf('http://127.0.0.1:1/')) ?? '', /^GET .*: .*ECONNREFUSED/)
  })
})

test('a port is published only if it is free: minikube start would fail', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  assert.equal(await publishedPort(port), '')
  await new Promise((resolve) => server.close(resolve))
  assert.equal(await publishedPort(port), `127.0.0.1:${port}:${port}`)
})

test('the URL is the first line that looks like one', () => {
  const printed = '* Starting tunnel for service app-service.\nhttp://127.0.0.1:30300\nhttp://x:1\n'
  assert.equal(urlIn(printed), 'http://127.0.0.1:30300')
  assert.equal(urlIn('X Exiting due to SVC_NOT_FOUND'), undefined)
})
