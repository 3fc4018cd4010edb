// Reading stops when too much waits to begin, and goes on with few connections at a time.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createReadGate } from '../../src/http/read-gate.ts'
import { openSocket } from '../support/raw-request.ts'

const large = 64 * 1024

/** Connections to a server that minds each in a gate: `onData` gets the place of each in their order. */
async function openMinded(
  connections: number,
  waitingBytes: () => number,
  onData: (place: number, chunk: Buffer) => void,
) {
  const gate = createReadGate(waitingBytes, () => false)
  const server = createServer((socket) => {
    const place = gate.connections
    gate.mind(socket)
    socket.on('data', (chunk: Buffer) => {
      onData(place, chunk)
      gate.checkBytes()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const sockets: Socket[] = []
  while (sockets.length < connections) {
    sockets.push(await openSocket(port))
    while (gate.connections < sockets.length) await nextTurn()
  }
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { sockets, close }
}

describe('the read gate', () => {
  it('stops reading when 8 MiB wait to begin, and goes on with 32 connections per turn', async () => {
    let waitingBytes = 0
    let served = 0
    let perTurn = 0
    const { sockets, close } = await openMinded(
      400,
      () => waitingBytes,
      (_place, chunk) => {
        waitingBytes += chunk.length
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
        waitingBytes = 0
        perTurn = 0
        await nextTurn()
        assert.ok(perTurn <= most, `${perTurn} bytes in a turn`)
      }
    } finally {
      close()
    }
  })

  it('reads again first from those that were stopped first and from those that were stopped last', async () => {
    let waitingBytes = 9 * 2 ** 20
    const served: number[] = []
    const { sockets, close } = await openMinded(
      100,
      () => waitingBytes,
      (place) => served.push(place),
    )
    try {
      sockets[0]?.write('stop')
      while (served.length === 0) await nextTurn()
      for (const socket of sockets.slice(1)) socket.write('x')
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      assert.deepEqual(served, [0])
      waitingBytes = 0
      while (served.length < 32) await nextTurn()
      const again = served.slice(1, 32)
      const [first, last] = [again.filter((n) => n < 32), again.filter((n) => n >= 68)]
      assert.equal(first.length + last.length, again.length, again.join())
      assert.ok(first.length > 10 && last.length > 10, again.join())
      while (served.length < 100) await nextTurn()
    } finally {
      close()
    }
  })
})
