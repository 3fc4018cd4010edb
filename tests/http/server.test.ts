// What the server does around the handlers: faults, cut answers, limits.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Handler } from '../../src/http/exchange.ts'
import type { Route } from '../../src/http/route.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { client } from '../support/client.ts'
import { openSocket, rawRequest, readUntil } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()

const route = (path: string, handle: Handler): Route => ({
  method: 'GET',
  path,
  produces: ['text/plain'],
  handle,
  operation: {},
})

describe('the server', () => {
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(folder, 'server.db')), {
      maxBody: 300_000,
      maxBodies: 800_000,
      bodyGrace: 300,
      maxConnections: 8,
      routes: [
        route('/fails', () => {
          throw new Error('a text for the log only')
        }),
        route('/rejects', async () => {
          throw new TypeError('another one')
        }),
        route('/waits', async ({ response }) => {
          await sleep(300)
          response.end('done')
        }),
        route('/breaks-off', async ({ response }) => {
          response.writeHead(200, { 'content-type': 'text/plain' })
          response.write('the beginning')
          await sleep(20)
          throw new Error('in the middle')
        }),
      ],
    })
  })
  after(() => service.close())

  it('answers 500 to its own fault, tells the log and not the client', async () => {
    for (const path of ['/fails', '/rejects']) {
      const answer = await client(service.client.base).get(path)
      assert.equal(answer.status, 500)
      assert.equal(answer.member('code'), 'internal')
      assert.doesNotMatch(answer.text, /text for the log|another/)
      const id = answer.headers.get('x-request-id') ?? ''
      await sleep(10)
      const line = service.logged
        .join('')
        .split('\n')
        .find((text) => text.includes('a handler failed') && text.includes(id))
      assert.match(line ?? '', /"level":50.*"stack":/)
    }
  })

  it('cuts the connection if an answer has begun, so that it never looks whole', async () => {
    await assert.rejects(client(service.client.base).get('/breaks-off'))
    const text = await rawRequest(service.port, 'GET /breaks-off HTTP/1.1\r\nHost: x\r\n\r\n')
    assert.match(text, /the beginning/)
    assert.doesNotMatch(text, /\r\n0\r\n/)
    await sleep(10)
    assert.match(service.logged.join(''), /"route":"\/breaks-off","status":499/)
  })

  it('logs the path of an unknown address, cut short and without its query', async () => {
    const { get } = client(service.client.base)
    await get('/nowhere?token=hidden')
    await get(`/${'x'.repeat(500)}`)
    await get('/waits')
    await rawRequest(service.port, 'GET /forged HTTP/1.1\r\nHost: a b\r\n\r\n')
    await sleep(10)
    const lines = service.logged.join('').split('\n')
    const line = (part: string) => lines.find((text) => text.includes(part)) ?? ''
    assert.match(line('nowhere'), /"route":"none","path":"\/nowhere","status":404/)
    assert.match(line('/xxx'), /"path":"\/x{99}","status":404/)
    assert.doesNotMatch(line('"route":"/waits"'), /"path"/)
    assert.match(lines.join(''), /"route":"none","status":400/)
    assert.doesNotMatch(lines.join(''), /hidden|forged/)
  })

  it('answers 408 to a body that does not come', async () => {
    const head =
      'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a"'
    assert.match(await rawRequest(service.port, head), /^HTTP\/1\.1 408 .*request_timeout/s)
  })

  it('answers 503 with Retry-After if many large bodies come at once, and takes small ones', async () => {
    const head =
      'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 250000\r\n\r\n'
    const begin = async () => {
      const socket = await openSocket(service.port)
      socket.on('error', () => {})
      socket.write(`${head}{"a":"${'x'.repeat(220_000)}`)
      await sleep(50)
      return socket
    }
    const others = [await begin(), await begin(), await begin()]
    const answer = await readUntil(await begin(), /\}\n$/)
    assert.match(answer, /^HTTP\/1\.1 503 .*Retry-After: 1.*overloaded/s)
    const small = JSON.stringify({ a: 'x'.repeat(20_000) })
    assert.equal((await service.client.post(small)).status, 201)
    for (const socket of others) socket.destroy()
    await sleep(50)
    const body = JSON.stringify({ a: 'x'.repeat(220_000) })
    assert.equal((await service.client.post(body)).status, 201, 'the room is free again')
  })

  it('counts the many small documents of an array too', async () => {
    const never = await service.client.post(`[${'{},'.repeat(2000)}{}]`)
    assert.equal(never.status, 413)
    assert.equal((await service.client.post(`[${'{},'.repeat(20)}{}]`)).status, 201)
  })

  it('counts a client that leaves in the middle of its body as 499', async () => {
    const socket = await openSocket(service.port)
    socket.write(
      'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{',
    )
    await sleep(30)
    const before = service.logged.join('').split('"status":499').length
    socket.destroy()
    await sleep(50)
    assert.equal(service.logged.join('').split('"status":499').length, before + 1)
    const lines = await openSocket(service.port)
    lines.write(
      'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 90\r\n\r\n{"a":1}\n{',
    )
    await sleep(30)
    lines.destroy()
    await sleep(50)
    assert.equal(service.logged.join('').split('"status":499').length, before + 2)
  })

  it('counts the unfinished lines of NDJSON too', async () => {
    const head = 'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n'
    const begin = async () => {
      const socket = await openSocket(service.port)
      socket.on('error', () => {})
      socket.write(`${head}Content-Length: 500000\r\n\r\n{"a":"${'x'.repeat(160_000)}`)
      await sleep(50)
      return socket
    }
    const others = [await begin(), await begin(), await begin(), await begin()]
    assert.match(await readUntil(await begin(), /\}\n$/), /^HTTP\/1\.1 503 .*overloaded/s)
    for (const socket of others) socket.destroy()
    await sleep(50)
    const body = JSON.stringify({ a: 'x'.repeat(160_000) })
    assert.equal((await service.client.post(body)).status, 201, 'the room is free again')
  })

  it('never writes a second answer into the first', async () => {
    const post =
      'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12'
    const behind = await rawRequest(service.port, `${post}\r\n\r\n{"_id":"pi"}garbage\r\n\r\n`)
    assert.match(behind, /^HTTP\/1\.1 201 /)
    assert.doesNotMatch(behind, /HTTP\/1\.1 400/)
    // More than the system keeps for a client that does not read, in bodies that this service has room for.
    const lines = `${JSON.stringify({ text: 'x'.repeat(900) })}\n`.repeat(250)
    for (let n = 0; n < 80; n++) {
      const stored = await service.client.post(lines, { 'content-type': 'application/x-ndjson' })
      assert.equal(stored.status, 201, stored.text)
    }
    const socket = await openSocket(service.port)
    socket.write('GET /data HTTP/1.1\r\nHost: x\r\n\r\n')
    await sleep(50)
    socket.write('garbage\r\n\r\n')
    let received = ''
    for await (const chunk of socket) received += String(chunk)
    assert.equal(received.split('HTTP/1.1').length, 2)
    assert.match(received, /\r\n0\r\n\r\n$/)
    const chunked =
      'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked'
    assert.match(await rawRequest(service.port, `${chunked}\r\n\r\nzz\r\n`), /^HTTP\/1\.1 400 /)
  })

  it('waits once for the answer that is under way, however much garbage follows', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const socket = await openSocket(service.port)
    socket.on('error', () => {})
    socket.write('GET /waits HTTP/1.1\r\nHost: x\r\n\r\n')
    for (let n = 0; n < 20; n++) {
      socket.write('garbage\r\n\r\n')
      await sleep(5)
    }
    assert.match(await readUntil(socket, /done/), /^HTTP\/1\.1 200 /)
    await sleep(10)
    process.off('warning', onWarning)
    assert.deepEqual(warnings, [])
  })

  it('processes nothing after the last answer of a connection', async () => {
    const refused = 'POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'
    const insert = (id: string) =>
      `POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${id.length + 10}\r\n\r\n{"_id":"${id}"}`
    for (let n = 0; n < 50; n++) {
      const socket = await openSocket(service.port)
      socket.end(`${refused}${insert(`behind-${n}`)}${insert(`far-behind-${n}`)}garbage`)
      let received = ''
      for await (const chunk of socket) received += String(chunk)
      assert.match(received, /^HTTP\/1\.1 405 .*\r\nConnection: close\r\n/s)
      assert.equal(received.split('HTTP/1.1 ').length, 2, received)
      assert.equal((await service.client.get(`/data/behind-${n}`)).status, 404)
    }
  })

  it('never lets the answer to a broken request overtake the one before it', async () => {
    const socket = await openSocket(service.port)
    const broken = 'POST /data HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: none\r\n\r\n'
    socket.write(`GET /waits HTTP/1.1\r\nHost: x\r\n\r\n${broken}`)
    let received = ''
    for await (const chunk of socket) received += String(chunk)
    assert.match(received, /^HTTP\/1\.1 200 .*done/s)
    assert.equal(received.split('HTTP/1.1 ').length, 2, received)
  })

  it('answers odd heads with problems', async () => {
    const close = 'Connection: close\r\n'
    const noHost = await rawRequest(service.port, `GET / HTTP/1.1\r\n${close}\r\n`)
    assert.match(noHost, /^HTTP\/1\.1 400 .*bad_request/s)
    assert.match(await rawRequest(service.port, 'GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /)
    const expects = `GET / HTTP/1.1\r\nHost: x\r\n${close}Expect: 100-continue, x\r\n\r\n`
    assert.match(await rawRequest(service.port, expects), /^HTTP\/1\.1 417 .*expectation_failed/s)
    const type = 'Content-Type: application/json\r\n'
    const gzip = `POST /data HTTP/1.1\r\nHost: x\r\n${close}${type}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`
    assert.match(await rawRequest(service.port, gzip), /^HTTP\/1\.1 400 /)
    const old = `POST /data HTTP/1.0\r\n${type}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}`
    assert.match(await rawRequest(service.port, old), /^HTTP\/1\.1 201 /)
  })

  it('takes no more connections than it may, and serves those it has', async () => {
    await sleep(50)
    const sockets = await Promise.all(Array.from({ length: 12 }, () => openSocket(service.port)))
    for (const socket of sockets) socket.on('error', () => {})
    await sleep(50)
    const open = sockets.filter((socket) => !socket.destroyed && !socket.readableEnded)
    for (const socket of open) socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n')
    const answers = await Promise.allSettled(open.map((socket) => readUntil(socket, /ok\n$/)))
    const served = answers.filter(({ status }) => status === 'fulfilled').length
    assert.ok(served >= 1 && served <= 8, `${served} served`)
    for (const socket of sockets) socket.destroy()
  })
})
