// Clients that wait for no answer: N of their requests wait in order, more are refused, and others are served meanwhile.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { send } from '../../src/http/exchange.ts'
import type { Route } from '../../src/http/route.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openSocket, rawRequest, readUntil } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('a service with clients that wait for no answer', { timeout: 60_000 }, () => {
  const request = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'
  const waitingRequest = 'GET /waits HTTP/1.1\r\nHost: x\r\n\r\n'
  let gate = Promise.withResolvers<void>()
  let service: RunningService
  before(async () => {
    const store = openSqliteStore(join(temporaryFolder(), 'turns.db'))
    const waits: Route = {
      method: 'GET',
      path: '/waits',
      produces: ['text/plain'],
      handle: async (exchange) => {
        await gate.promise
        send(exchange, 200, 'it waited\n')
      },
      operation: {},
    }
    service = await runService(store, { routes: [waits], maxConnections: 3000 })
  })
  after(() => service.close())

  const gauge = async (name: string) => {
    const { text } = await service.client.get('/metrics')
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
  }

  it('answers all requests of a connection in their order', async () => {
    const ids = Array.from({ length: 17 }, (_, n) => `request-${n}`)
    const texts = ids.map((id, n) => {
      const path = n % 3 === 0 ? '/livez' : '/data/none' // one answers at once, the other waits
      const close = n === 16 ? 'Connection: close\r\n' : ''
      return `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\n${close}\r\n`
    })
    const received = await rawRequest(service.port, texts.join(''))
    const answered = Array.from(received.matchAll(/^X-Request-Id: (.*)$/gm), ([, id]) => id?.trim())
    assert.deepEqual(answered, ids)
  })

  it('refuses the eighteenth request that is sent at once, and processes nothing after it', async () => {
    const insert = (n: number) =>
      `PUT /data/at-once-${n} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`
    const texts = Array.from({ length: 100 }, (_, n) => insert(n))
    gate = Promise.withResolvers()
    const answers = rawRequest(service.port, waitingRequest + texts.join(''))
    while ((await gauge('http_requests_waiting')) < 16) await nextTurn()
    gate.resolve()
    const received = await answers
    const codes = received.match(/^HTTP\/1\.1 \d+/gm) ?? []
    const created = Array.from({ length: 16 }, () => 'HTTP/1.1 201')
    assert.deepEqual(codes, ['HTTP/1.1 200', ...created, 'HTTP/1.1 503'])
    assert.match(received.slice(received.lastIndexOf('HTTP/1.1')), /\r\nRetry-After: 1\r\n/)
    assert.equal((await service.client.get('/data/at-once-15')).status, 200)
    assert.equal((await service.client.get('/data/at-once-16')).status, 404)
  })

  it('refuses long heads if 32 MiB of them wait for their answers, and no usual one', async () => {
    const fields = Array.from({ length: 90 }, (_, n) => `x${n}: ${'y'.repeat(150)}\r\n`).join('')
    const text = waitingRequest.replace('\r\n\r\n', `\r\n${fields}\r\n`)
    const sockets = await Promise.all(Array.from({ length: 1100 }, () => openSocket(service.port)))
    gate = Promise.withResolvers()
    const answers = sockets.map((socket) => readUntil(socket, /\n$/))
    for (const socket of sockets) socket.write(text)
    // All have come, with the one that asks, and have begun or been refused.
    let answered = 0
    for (const answer of answers) void answer.then(() => answered++)
    while ((await gauge('http_requests_in_flight')) + answered <= sockets.length) await nextTurn()
    while ((await gauge('http_requests_waiting')) > 0) await nextTurn()
    const refused = await Promise.race(answers)
    assert.match(refused, /^HTTP\/1\.1 503 .*long heads/s)
    assert.equal((await service.client.get('/livez')).status, 200)
    gate.resolve()
    const codes = (await Promise.all(answers)).map((answer) => answer.slice(9, 12))
    for (const socket of sockets) socket.destroy()
    const count = codes.filter((code) => code === '503').length
    assert.ok(count > 100 && count < 400, `${count} refused`)
    assert.equal(codes.filter((code) => code === '200').length, codes.length - count)
  })

  it('takes shorter heads on connections beyond 2,000', async () => {
    const ask = (bytes: number) =>
      rawRequest(
        service.port,
        `GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx: ${'y'.repeat(bytes)}\r\n\r\n`,
      )
    assert.match(await ask(15_000), /^HTTP\/1\.1 200/)
    const sockets: Socket[] = []
    // Node's own backlog is 511.
    while (sockets.length < 2000) {
      sockets.push(await openSocket(service.port))
      if (sockets.length % 100 > 0) continue
      while ((await gauge('http_connections')) < sockets.length) await nextTurn()
    }
    const [long, short] = [await ask(5_000), await ask(3_000)]
    for (const socket of sockets) socket.destroy()
    assert.match(long, /^HTTP\/1\.1 431 .*4 KiB/s)
    assert.match(short, /^HTTP\/1\.1 200/)
    while ((await gauge('http_connections')) > 10) await nextTurn()
    assert.match(await ask(15_000), /^HTTP\/1\.1 200/)
  })

  it('refuses more if 1,000 wait already, but never the first of a connection', async () => {
    const sockets = await Promise.all(Array.from({ length: 70 }, () => openSocket(service.port)))
    gate = Promise.withResolvers()
    const answers = sockets.map(receivedBy)
    for (const socket of sockets) socket.write(waitingRequest + request.repeat(16))
    while ((await gauge('http_requests_waiting')) < 1000) await nextTurn()
    assert.equal((await service.client.get('/livez')).status, 200)
    gate.resolve()
    for (const socket of sockets) socket.end()
    const texts = await Promise.all(answers)
    const refused = texts.filter((text) => /HTTP\/1\.1 503/.test(text))
    assert.ok(refused.length > 0 && refused.length < sockets.length, `${refused.length} refused`)
    for (const text of texts) {
      const codes = text.match(/^HTTP\/1\.1 \d+/gm) ?? []
      const served = refused.includes(text) ? codes.slice(0, -1) : codes
      assert.ok(served.length > 0 && served.every((code) => code === 'HTTP/1.1 200'), text)
      if (!refused.includes(text)) assert.equal(codes.length, 17)
    }
    assert.equal(await gauge('http_requests_waiting'), 0)
  })

  it('answers a part of the clients in each turn that end in the middle of a request at the same moment', async () => {
    const begun =
      'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'
    const sockets = await Promise.all(Array.from({ length: 400 }, () => openSocket(service.port)))
    for (const socket of sockets) socket.write(begun)
    while ((await gauge('http_requests_in_flight')) <= sockets.length) await nextTurn()
    // Of the server and its clients, which share this process.
    let [answered, inTurn, most] = [0, 0, 0]
    const answers = sockets.map(async (socket) => {
      const [chunk] = await once(socket, 'data')
      answered++
      inTurn++
      return String(chunk).slice(9, 12)
    })
    for (const socket of sockets) socket.end()
    while (answered < sockets.length) {
      await nextTurn()
      most = Math.max(most, inTurn)
      inTurn = 0
    }
    const codes = await Promise.all(answers)
    for (const socket of sockets) socket.destroy()
    assert.deepEqual(new Set(codes), new Set(['400']))
    // They take 10 ms or more, in turns of 2.
    assert.ok(most <= 150, `${most} in a turn`)
    assert.equal(await gauge('http_bodies_bytes'), 0)
  })

  it('reads from few connections at a time after many requests that are none', async () => {
    const sockets = await Promise.all(Array.from({ length: 400 }, () => openSocket(service.port)))
    while ((await gauge('http_connections')) <= sockets.length) await nextTurn()
    let [answered, inTurn] = [0, 0]
    const turns: number[] = []
    const answers = sockets.map(async (socket) => {
      await once(socket, 'data')
      answered++
      inTurn++
    })
    for (const socket of sockets) socket.write('no request\r\n\r\n')
    while (answered < sockets.length) {
      await nextTurn()
      if (inTurn > 0) turns.push(inTurn)
      inTurn = 0
    }
    await Promise.all(answers)
    for (const socket of sockets) socket.destroy()
    assert.ok(Math.max(...turns) <= 100, turns.join())
  })

  it('forgets what waits when its connection is closed', async () => {
    const socket = await openSocket(service.port)
    gate = Promise.withResolvers()
    socket.write(waitingRequest + request.repeat(100))
    while ((await gauge('http_requests_waiting')) < 16) await nextTurn()
    socket.resetAndDestroy()
    while ((await gauge('http_requests_in_flight')) > 1) await nextTurn()
    assert.equal(await gauge('http_requests_waiting'), 0)
  })
})

const receivedBy = (socket: Socket) =>
  new Promise<string>((resolve) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.once('close', () => resolve(text))
  })
