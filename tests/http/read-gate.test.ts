// Reading stops when too much waits to begin, and goes on with few connections at a time.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { IncomingRequest } from '../../src/http/incoming-request.ts'
import { createReadGate } from '../../src/http/read-gate.ts'
import { BodyReading } from '../../src/http/receive-body.ts'
import { openAll, openGated } from '../support/gated-connections.ts'

const large = 64 * 1024

describe('the read gate', { timeout: 60_000 }, () => {
  it('stops reading when 8 MiB wait to begin, and goes on with 64 connections per turn at most', async () => {
    let waitingWork = 0
    let served = 0
    let perTurn = 0
    const { sockets, close } = await openGated(
      400,
      () => waitingWork,
      (_place, chunk) => {
        waitingWork += chunk.length
        served += chunk.length
        perTurn += chunk.length
      },
    )
    try {
      for (const socket of sockets) socket.write(Buffer.alloc(large))
      const all = sockets.length * large
      for (let turn = 0; turn < 100; turn++) await nextTurn()
      // The last read may bring 64 KiB more.
      const most = 8 * 2 ** 20 + large
      assert.ok(served > 2 ** 20 && served <= most, `${served} bytes`)
      while (served < all) {
        waitingWork = 0
        perTurn = 0
        await nextTurn()
        assert.ok(perTurn <= most, `${perTurn} bytes in a turn`)
      }
    } finally {
      close()
    }
  })

  it('takes the ends of 100 connections in a turn, of others later', async () => {
    const gate = createReadGate(
      () => 0,
      () => {},
    )
    let ended = 0
    const server = createHttpServer().on('connection', (socket: Socket) => {
      gate.mind(socket, () => undefined)
      socket.on('end', () => ended++)
    })
    server.listen(0, '127.0.0.1')
    const sockets = await openAll(400, server, () => gate.connections)
    for (const socket of sockets) socket.end()
    for (let before = 0; ended < sockets.length; before = ended) {
      await nextTurn()
      assert.ok(ended - before <= 132, `${ended - before} ends in a turn`)
    }
    server.close()
  })

  it('holds a body under way while many connections end, and goes on with it after that', async () => {
    let underWay: IncomingRequest | undefined
    const gate = createReadGate(
      () => 0,
      () => {},
    )
    const seen: string[] = []
    const server = createHttpServer({ IncomingMessage: IncomingRequest }, (request, response) => {
      underWay = request
      request.receive((chunk) => seen.push(chunk.toString()) > 0)
      request.reading = {
        pause: () => seen.push('held'),
        resume: () => {
          seen.push('read again')
          request.socket.resume()
        },
      }
      request.on('end', () => response.end())
    })
    server.on('connection', (socket: Socket) =>
      gate.mind(socket, () =>
        underWay?.socket === socket && underWay.isReceiving ? underWay : undefined,
      ),
    )
    server.listen(0, '127.0.0.1')
    const [upload, ...others] = await openAll(300, server, () => gate.connections)
    upload?.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab')
    while (seen.length === 0) await nextTurn()
    for (const socket of others) socket.end()
    while (seen.length < 2) await nextTurn()
    upload?.write('cd')
    if (upload) await once(upload, 'data')
    assert.deepEqual(seen, ['ab', 'held', 'read again', 'cd'])
    upload?.destroy()
    server.close()
  })

  it('goes on with a body that was given up while it was held', async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const server = createHttpServer({ IncomingMessage: IncomingRequest }, (request) => {
      const receiver = { chunk() {}, end() {}, fail() {} }
      const reading = new BodyReading(request, undefined, 5_000, receiver)
      reading.begin()
      request.on('end', end)
      setImmediate(() => {
        reading.pause() // an upload that holds enough
        reading.pause() // the gate
        request.socket.pause()
        reading.stop()
        reading.resume()
      })
    })
    server.listen(0, '127.0.0.1')
    const [upload] = await openAll(1, server, () => 1)
    upload?.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab')
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    upload?.write('cd')
    await ended
    upload?.destroy()
    server.close()
  })

  it('leaves turns to others while libuv forgets those that were stopped', async () => {
    let left = 0
    let waitingWork = 9 * 2 ** 20
    const { sockets, close } = await openGated(
      2_100,
      () => waitingWork,
      () => {},
      () => false,
      () => left++,
    )
    try {
      sockets[0]?.write('stop')
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      assert.equal(left, 2)
      waitingWork = 0
    } finally {
      close()
    }
  })
})
