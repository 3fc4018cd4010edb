// Clients that ask for much and read nothing: the others are served, or told when to come again.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openSocket } from '../support/raw-request.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const megabyte = 1 << 20
// More than the system keeps for a connection on this machine.
const documentBytes = 12 * megabyte

describe('a service with readers that do not read', { timeout: 60_000 }, () => {
  let service: RunningService
  const sockets: Socket[] = []

  before(async () => {
    const maxAnswers = 32 * megabyte
    service = await runService(openSqliteStore(join(folder, 'slow.db')), { maxAnswers })
    const text = 'x'.repeat(documentBytes)
    for (const _id of ['a', 'b']) await service.client.post(JSON.stringify({ _id, text }))
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    while ((await waiting()) > 0) await sleep(10)
  })
  after(() => service.close())

  const waiting = async () => {
    const { text } = await service.client.get('/metrics')
    return Number(/^http_answers_waiting_bytes (\d+)$/m.exec(text)?.[1])
  }

  /** Asks and reads no more than the beginning of the answer. */
  const stall = async (path: string): Promise<string> => {
    const socket = await openSocket(service.port)
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await once(socket, 'readable')
    return String(socket.read(12))
  }

  for (const path of ['/data', '/data/a']) {
    it(`refuses ${path} while too many wait, with Retry-After, and serves it after them`, async () => {
      const answers: string[] = []
      // Two find room. One that has waited for 5 s would give way: with more, a slow machine is too late.
      for (let n = 0; n < 3; n++) answers.push(await stall(path))
      assert.ok(answers.includes('HTTP/1.1 200'))
      assert.ok(answers.includes('HTTP/1.1 503'), answers.join())
      assert.ok((await waiting()) <= 32 * megabyte)

      const refused = await service.client.get(path)
      assert.equal(refused.status, 503)
      assert.equal(refused.member('code'), 'overloaded')
      assert.equal(refused.headers.get('retry-after'), '1')
      assert.equal((await service.client.get('/livez')).status, 200)
      assert.equal((await service.client.post('{"_id":"small"}')).status, 201)
      assert.equal((await service.client.get('/data/small')).status, 200)
      await service.client.send('DELETE', '/data/small')

      for (const socket of sockets) socket.destroy()
      while ((await waiting()) > 0) await sleep(10)
      const served = await service.client.get(path)
      assert.equal(served.status, 200)
      assert.ok(served.text.length > documentBytes)
    })
  }
})

describe('a client that leaves while the store is still at work', { timeout: 60_000 }, () => {
  it('leaves no bytes behind that count as waiting', async () => {
    const store = openSqliteStore(join(folder, 'left.db'))
    const { promise: asked, resolve: askedNow } = Promise.withResolvers<void>()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const read: typeof store.read = async (id, use) => {
      askedNow()
      await released
      return store.read(id, use)
    }
    const service = await runService({ ...store, read })
    try {
      await service.client.post(JSON.stringify({ _id: 'a', text: 'x'.repeat(megabyte) }))
      const socket = await openSocket(service.port)
      socket.write('GET /data/a HTTP/1.1\r\nHost: x\r\n\r\n')
      await asked
      const metrics = async () => (await service.client.get('/metrics')).text
      socket.resetAndDestroy()
      while (!/status="499"/.test(await metrics())) await sleep(10)
      release()
      await sleep(50)
      assert.match(await metrics(), /^http_answers_waiting_bytes 0$/m)
    } finally {
      release()
      await service.close()
    }
  })
})
