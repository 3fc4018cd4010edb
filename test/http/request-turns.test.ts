// A turn of the event loop is shared: nobody waits for all requests of another client.
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createRequestTurns, createTurnShare } from '../../src/http/request-turns.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openSocket, rawRequest, readUntil } from '../raw-request.ts'
import { type RunningService, runService } from '../running-service.ts'
import { temporaryFolder } from '../temporary-folder.ts'

// A request is a function that is called when it begins.
const makeTurns = () =>
  createRequestTurns<() => void>(
    (begin) => begin(),
    () => assert.fail('refused'),
  )

describe('turns', () => {
  it('begin 128 requests of as many connections at once, and 128 in each later turn', async () => {
    const turns = makeTurns()
    let begun = 0
    for (let n = 0; n < 300; n++) turns.begin(createTurnShare(), () => begun++)
    const counts = [begun]
    while (turns.waiting > 0) {
      await nextTurn()
      counts.push(begun)
    }
    assert.deepEqual(counts, [128, 256, 300])
  })

  it('begin every request at once where each turn has few', async () => {
    const turns = makeTurns()
    const share = createTurnShare()
    let begun = 0
    for (let turn = 0; turn < 50; turn++) {
      for (let n = 0; n < 2; n++) turns.begin(share, () => begun++)
      assert.equal(turns.waiting, 0)
      await nextTurn()
    }
    assert.equal(begun, 100)
  })

  it('keep the order of a connection, and let another in between', async () => {
    const turns = makeTurns()
    const [many, one] = [createTurnShare(), createTurnShare()]
    const order: string[] = []
    for (let n = 0; n < 8; n++) turns.begin(many, () => order.push(`many ${n}`))
    turns.begin(one, () => order.push('one'))
    assert.equal(turns.waiting, 5)
    await nextTurn()
    assert.deepEqual(order.slice(0, 4), ['many 0', 'many 1', 'many 2', 'many 3'])
    assert.deepEqual(order.slice(4), ['many 4', 'one', 'many 5', 'many 6', 'many 7'])
  })

  it('are short while connections are let in', async () => {
    const turns = makeTurns()
    let begun = 0
    turns.letIn()
    for (let n = 0; n < 40; n++) turns.begin(createTurnShare(), () => begun++)
    const counts = [begun]
    for (let turn = 0; turn < 2; turn++) {
      await nextTurn()
      counts.push(begun)
      if (turn === 0) turns.letIn()
    }
    assert.deepEqual(counts, [8, 16, 24])
    await nextTurn()
    assert.equal(begun, 40)
  })

  it('go on behind a request that brings another one', async () => {
    const turns = makeTurns()
    const share = createTurnShare()
    const order: number[] = []
    const begin = (n: number) =>
      turns.begin(share, () => {
        order.push(n)
        if (n < 20) begin(n + 1)
      })
    begin(0)
    while (turns.waiting > 0) await nextTurn()
    assert.deepEqual(
      order,
      Array.from({ length: 21 }, (_, n) => n),
    )
  })
})

describe('turns that take back a connection', () => {
  it('refuse its oldest request that waits, forget those behind it, and go on with the others', async () => {
    const did: string[] = []
    const turns = createRequestTurns<string>(
      (name) => did.push(name),
      (name) => did.push(`no ${name}`),
    )
    const [greedy, other] = [createTurnShare(), createTurnShare()]
    for (let n = 0; n < 8; n++) turns.begin(greedy, `greedy ${n}`)
    for (let n = 0; n < 6; n++) turns.begin(other, `other ${n}`)
    assert.equal(turns.waiting, 10)
    assert.equal(turns.takeBack(greedy), true)
    assert.equal(turns.waiting, 6)
    assert.equal(turns.takeBack(greedy), false)
    while (turns.waiting > 0) await nextTurn()
    const begun = Array.from({ length: 4 }, (_, n) => `greedy ${n}`)
    const others = Array.from({ length: 6 }, (_, n) => `other ${n}`)
    assert.deepEqual(did, [...begun, 'no greedy 4', ...others])
  })
})

describe('a service with clients that wait for no answer', { timeout: 60_000 }, () => {
  const request = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(temporaryFolder(), 'turns.db')))
  })
  after(() => service.close())

  const waiting = async () =>
    Number(/^http_requests_waiting (\d+)$/m.exec((await service.client.get('/metrics')).text)?.[1])

  it('answers all requests of a connection in their order', async () => {
    const ids = Array.from({ length: 90 }, (_, n) => `request-${n}`)
    const texts = ids.map((id, n) => {
      const path = n % 3 === 0 ? '/livez' : '/data/none' // one answers at once, the other waits
      const close = n === 89 ? 'Connection: close\r\n' : ''
      return `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\n${close}\r\n`
    })
    const received = await rawRequest(service.port, texts.join(''))
    const answered = Array.from(received.matchAll(/^X-Request-Id: (.*)$/gm), ([, id]) => id?.trim())
    assert.deepEqual(answered, ids)
  })

  it('refuses the requests that come on top where over 1,000 wait, and no first one', async () => {
    const [first, ...others] = await Promise.all(
      Array.from({ length: 31 }, () => openSocket(service.port)),
    )
    await service.client.get('/livez') // all are let in
    const received = (socket: Socket) =>
      new Promise<string>((resolve) => {
        let text = ''
        socket.setEncoding('utf8')
        socket.on('data', (chunk: string) => {
          text += chunk
        })
        socket.once('close', () => resolve(text))
      })
    const answers = others.map(received)
    // All of it is in the sockets before this process, which is the service too, reads any of it.
    for (const socket of others) socket.write(request.repeat(99))
    first?.write(request)
    assert.match(first ? await readUntil(first, /\r\n\r\n/) : '', /^HTTP\/1\.1 200/)
    first?.destroy()
    while ((await waiting()) > 0) await nextTurn()
    for (const socket of others) socket.end()
    const texts = await Promise.all(answers)
    const refused = texts.filter((text) => /HTTP\/1\.1 503/.test(text))
    assert.ok(refused.length > 0 && refused.length < others.length, `${refused.length} refused`)
    for (const text of texts) {
      const codes = text.match(/^HTTP\/1\.1 \d+/gm) ?? []
      const wrong = codes.slice(0, -1).filter((line) => !line.endsWith('200'))
      assert.deepEqual(wrong, [])
      if (!refused.includes(text)) assert.equal(codes.length, 99)
      else assert.match(text.slice(text.lastIndexOf('HTTP/1.1 503')), /\r\nRetry-After: 1\r\n/)
    }
  })
})
