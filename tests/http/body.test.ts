// Bodies: what they hold in memory, which give way when memory is short, and how slow one may be.
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBodyBudget, isSlow, leastRate } from '../../src/http/body-budget.ts'
import { IncomingRequest } from '../../src/http/incoming-request.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openSocket, rawRequest, readUntil } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const codeOf = (error: unknown) => (error instanceof Error ? Reflect.get(error, 'code') : undefined)
const refusedAs = (code: string) => (error: unknown) => codeOf(error) === code
const moving = { received: 1e9, waited: 60_000 }
const stopped = { received: 100, waited: 60_000 }

describe('the budget of bodies', () => {
  it('leaves an eighth to small bodies, and most of it to the smallest', () => {
    const budget = createBodyBudget(800_000)
    budget.open().add(700_000)
    assert.throws(() => budget.open().add(70_000), refusedAs('overloaded'))
    budget.open().add(32_768)
    assert.throws(() => budget.open().add(32_768), refusedAs('overloaded'))
    budget.open().add(16_384)
    budget.open().add(8_192)
    assert.throws(() => budget.open().add(60_000), refusedAs('overloaded'))
    for (let n = 0; n < 100; n++) budget.open().add(100)
    assert.ok(budget.held <= 800_000)
  })

  it('says of a body that never fits that it is too large', () => {
    assert.throws(() => createBodyBudget(800_000).open().add(700_001), refusedAs('body_too_large'))
  })

  /** A budget with bodies of 100,000 bytes, whose progress is set by hand, and who gave way. */
  const withBodies = (names: readonly string[]) => {
    const budget = createBodyBudget(800_000)
    const gaveWay: string[] = []
    const bodies = names.map((name) => {
      const progress = { received: 0, waited: 0, tooSlow: () => void gaveWay.push(name) }
      const account = budget.open()
      account.add(100_000)
      account.reading(progress)
      return { account, progress }
    })
    return { budget, gaveWay, bodies }
  }

  it('lets slow bodies give way, and no others', () => {
    const names = ['moving', 'moving', 'moving', 'moving', 'slow', 'slow too', 'complete']
    const { budget, gaveWay, bodies } = withBodies(names)
    for (const [at, { account, progress }] of bodies.entries()) {
      Object.assign(progress, names[at] === 'moving' ? moving : stopped)
      if (names[at] === 'complete') account.read()
    }
    budget.open().add(150_000)
    assert.deepEqual(gaveWay.toSorted(), ['slow', 'slow too'])
    assert.throws(() => budget.open().add(100_000), refusedAs('overloaded'))
    assert.equal(gaveWay.length, 2)
  })

  it('lets a body give way that came at once and then stopped, after a second look', async () => {
    const { budget, gaveWay, bodies } = withBodies(Array(7).fill('came at once'))
    for (const { progress } of bodies) Object.assign(progress, { received: 90_000, waited: 600 })
    assert.throws(() => budget.open().add(100_000), refusedAs('overloaded'))
    for (const { progress } of bodies) progress.waited = 1_200
    assert.throws(() => budget.open().add(100_000), refusedAs('overloaded'))
    await sleep(510)
    budget.open().add(100_000)
    assert.deepEqual(gaveWay, ['came at once'])
  })

  it('gives everything back, once', () => {
    const budget = createBodyBudget(800_000)
    const account = budget.open()
    account.add(500)
    account.add(-200)
    assert.equal(budget.held, 300)
    account.close()
    account.close()
    account.add(100)
    assert.equal(budget.held, 0)
  })

  it('asks for 16 KiB a second after the grace', () => {
    assert.equal(isSlow({ received: 0, waited: 5_000 }, 5_000), false)
    assert.equal(isSlow({ received: leastRate - 1, waited: 6_000 }, 5_000), true)
    assert.equal(isSlow({ received: leastRate, waited: 6_000 }, 5_000), false)
  })
})

describe('a service with bodies that do not come', { timeout: 60_000 }, () => {
  let service: RunningService
  const sockets: Socket[] = []
  before(async () => {
    const store = openSqliteStore(join(temporaryFolder(), 'bodies.db'))
    const sizes = { maxBody: 32 << 20, maxBodies: 64 << 20 }
    service = await runService(store, { ...sizes, bodyGrace: 400 })
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    while ((await held()) > 0) await sleep(10)
  })
  after(() => service.close())

  const held = async () => {
    const { text } = await service.client.get('/metrics')
    return Number(/^http_bodies_bytes (\d+)$/m.exec(text)?.[1])
  }
  const begin = async (headers: string) => {
    const socket = await openSocket(service.port)
    socket.on('error', () => {})
    sockets.push(socket)
    socket.write(
      `POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`,
    )
    return socket
  }

  it('counts what has come and not what is declared', async () => {
    for (let n = 0; n < 2; n++) {
      const socket = await begin(`Content-Length: ${32 << 20}`)
      socket.write(`{"a":"${'x'.repeat(1 << 20)}`)
    }
    while ((await held()) < 2 << 20) await sleep(5)
    const large = JSON.stringify({ a: 'x'.repeat(4 << 20) })
    assert.equal((await service.client.post(large)).status, 201)
    assert.ok((await held()) <= 4 << 20)
  })

  for (const [sort, length] of [
    ['bodies', 2 ** 20 + 1],
    ['bodies that are refused', 2 ** 30],
  ] as const) {
    it(`reads 256 KiB of all ${sort} in a turn of the event loop, and of each of the others once`, async (t) => {
      let [inTurn, most, all] = [0, 0, 0]
      const { push } = IncomingRequest.prototype
      t.mock.method(
        IncomingRequest.prototype,
        'push',
        function (this: IncomingRequest, chunk: unknown) {
          if (chunk instanceof Buffer) {
            if (inTurn === 0) {
              setImmediate(() => {
                most = Math.max(most, inTurn)
                inTurn = 0
              })
            }
            inTurn += chunk.length
            all += chunk.length
          }
          return push.call(this, chunk)
        },
      )
      const bodies = 20
      const each = 2 ** 20
      for (let n = 0; n < bodies; n++) await begin(`Content-Length: ${length}`)
      for (const socket of sockets) socket.write('x'.repeat(each))
      while (all < bodies * each) await sleep(5)
      assert.ok(most > 0 && most <= (bodies + 4) * 64 * 1024, `${most} bytes`)
    })
  }

  it('answers 408 to one that stops, or comes more slowly than 16 KiB per second', async () => {
    const stopped = await begin('Content-Length: 100')
    stopped.write('{"a"')
    assert.match(await readUntil(stopped, /\}\n$/), /^HTTP\/1\.1 408 .*request_timeout/s)
    const slow = await begin('Transfer-Encoding: chunked')
    const drip = setInterval(() => slow.write('1\r\n \r\n'), 5)
    const answer = await readUntil(slow, /\}\n$/)
    clearInterval(drip)
    assert.match(answer, /^HTTP\/1\.1 408 .*more slowly than 16 KiB per second/s)
  })

  it('takes one that keeps the rate, for longer than the grace', async () => {
    const socket = await begin('Transfer-Encoding: chunked')
    socket.write('6\r\n{"a":"\r\n')
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`
    for (let n = 0; n < 12; n++) {
      socket.write(chunk)
      await sleep(60)
    }
    socket.write('2\r\n"}\r\n0\r\n\r\n')
    assert.match(await readUntil(socket, /\}\n$/), /^HTTP\/1\.1 201 /)
  })
})

describe('a body in chunks of one byte', { timeout: 60_000 }, () => {
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(temporaryFolder(), 'chunks.db')))
  })
  after(() => service.close())

  const inChunks = (text: string, mediaType: string) => {
    const head = `POST /data HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${mediaType}\r\n`
    const chunks = Array.from(text, (character) => `1\r\n${character}\r\n`).join('')
    return rawRequest(service.port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`)
  }

  it('is the document that it is in one piece', async () => {
    const text = 'abcdefghij'.repeat(30_000)
    const answer = await inChunks(JSON.stringify({ _id: 'one', text }), 'application/json')
    assert.match(answer, /^HTTP\/1\.1 201 /)
    const stored = await service.client.get('/data/one')
    assert.equal(stored.text, `${JSON.stringify({ _id: 'one', text })}\n`)
  })

  it('is every line of NDJSON', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) => `{"_id":"line-${n}","n":${n}}\n`)
    const answer = await inChunks(lines.join(''), 'application/x-ndjson')
    assert.match(answer, /^HTTP\/1\.1 201 .*"inserted":5000,/s)
    assert.equal((await service.client.get('/data/line-4999')).text, `${lines[4999]}`)
  })
})
