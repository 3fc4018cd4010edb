// Reading stops when too much waits to begin, and goes on with few connections at a time.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { IncomingRequest } from '../../src/http/incoming-request.ts'
import { createReadGate, type Gated } from '../../src/http/read-gate.ts'
import { BodyReading } from '../../src/http/receive-body.ts'
import { openSocket } from '../support/raw-request.ts'

const large = 64 * 1024

/** Connections to a server that minds each in a gate: `onData` gets the place of each in their order. */
async function openMinded(
  connections: number,
  waitingWork: () => number,
  onData: (place: number, chunk: Buffer, gated: Gated) => void,
  leaveTurn = () => {},
) {
  const gate = createReadGate(waitingWork, leaveTurn)
  const server = createServer((socket) => {
    const place = gate.connections
    const gated = gate.mind(socket, () => undefined)
    socket.on('data', (chunk: Buffer) => {
      onData(place, chunk, gated)
      gate.checkWork()
    })
  }).listen(0, '127.0.0.1')
  const sockets = await openAll(connections, server, () => gate.connections)
  const openAnother = async () => {
    const socket = await openSocket(portOf(server))
    sockets.push(socket)
    while (gate.connections < sockets.length) await nextTurn()
    return socket
  }
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { gate, sockets, openAnother, close }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function openAll(connections: number, server: Server, accepted: () => number) {
  await once(server, 'listening')
  const sockets: Socket[] = []
  while (sockets.length < connections) {
    sockets.push(await openSocket(portOf(server)))
    while (accepted() < sockets.length) await nextTurn()
  }
  return sockets
}

/**
 * The order in which connections are read again that were all stopped, after those in `asking` had answers in turn: of 20 kB if
 * their place is below `firstShort`.
 */
async function orderAfterStop(
  connections: number,
  asking: readonly number[],
  firstShort = 0,
): Promise<number[]> {
  let waitingWork = 0
  const served: number[] = []
  const { gate, sockets, close } = await openMinded(
    connections,
    () => waitingWork,
    (place, _chunk, gated) => {
      served.push(place)
      if (waitingWork > 0) return
      if (place < firstShort) gated.socket.write(Buffer.alloc(20_000))
      gate.countAnswer(gated)
    },
  )
  try {
    for (const [n, place] of asking.entries()) {
      sockets[place]?.write('x')
      while (served.length <= n) await nextTurn()
    }
    waitingWork = 9 * 2 ** 20
    sockets[0]?.write('stop')
    while (served.length === asking.length) await nextTurn()
    served.length = 0
    for (const socket of sockets.slice(1)) socket.write('x')
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    assert.equal(served.length, 0)
    waitingWork = 0
    while (served.length < connections - 1) await nextTurn()
    return served
  } finally {
    close()
  }
}

describe('the read gate', { timeout: 60_000 }, () => {
  it('stops reading when 8 MiB wait to begin, and goes on with 64 connections per turn at most', async () => {
    let waitingWork = 0
    let served = 0
    let perTurn = 0
    const { sockets, close } = await openMinded(
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

  it('reads again first from those that were stopped first and from those that were stopped last, if 1,000 are', async () => {
    let waitingWork = 9 * 2 ** 20
    const served: number[] = []
    const { sockets, close } = await openMinded(
      1_100,
      () => waitingWork,
      (place) => served.push(place),
    )
    try {
      sockets[0]?.write('stop')
      while (served.length === 0) await nextTurn()
      for (const socket of sockets.slice(1)) socket.write('x')
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      assert.deepEqual(served, [0])
      waitingWork = 0
      while (served.length < 65) await nextTurn()
      const again = served.slice(1, 65)
      const [first, last] = [again.filter((n) => n < 66), again.filter((n) => n >= 1_034)]
      assert.equal(first.length + last.length, again.length, again.join())
      assert.ok(first.length > 20 && last.length > 20, again.join())
      while (served.length < 1_100) await nextTurn()
    } finally {
      close()
    }
  })

  it('reads those that had an answer before those that had none', async () => {
    const known = [90, 91, 92, 93]
    const order = await orderAfterStop(200, known)
    const first = order.slice(0, 32)
    assert.ok(
      known.every((place) => first.includes(place)),
      first.join(),
    )
  })

  it('reads whoever had most answers first', async () => {
    // Forty of them have two answers, the others one; the forty are neither the first nor the last to have had one.
    const regular = Array.from({ length: 40 }, (_, n) => 130 + n)
    const order = await orderAfterStop(300, [...regular, ...Array(300).keys()])
    // Two turns of 64, or three of 32: half of each.
    const first = order.slice(0, 128)
    assert.ok(
      regular.every((place) => first.includes(place)),
      first.join(),
    )
  })

  it('reads from the others as many as from those that had most answers', async () => {
    // 150 of them have two answers, the others one.
    const regular = Array.from({ length: 150 }, (_, n) => 75 + n)
    const order = await orderAfterStop(300, [...regular, ...Array(300).keys()])
    // The one that stopped them is read again in the first turn too, and has sent no more.
    const others = order.slice(0, 63).filter((place) => !regular.includes(place))
    assert.ok(others.length >= 28 && others.length <= 32, order.join())
  })

  it('reads from those whose answers are short as many as from others that had long ones before', async () => {
    const everyone = [...Array(300).keys()]
    const order = await orderAfterStop(300, [...everyone, ...everyone], 200)
    const short = order.slice(0, 63).filter((place) => place >= 200)
    assert.ok(short.length >= 28 && short.length <= 32, order.join())
  })

  it('reads everyone again and again while those that have had an answer go on asking', async () => {
    const waiting: { place: number; gated: Gated }[] = []
    let isOver = false
    const { gate, sockets, close } = await openMinded(
      200,
      () => (isOver ? 0 : waiting.length * large),
      (place, _chunk, gated) => waiting.push({ place, gated }),
    )
    try {
      const answers = sockets.map(() => 0)
      for (const socket of sockets) socket.write('x')
      for (let turn = 0; turn < 200; turn++) {
        await nextTurn()
        for (const { place, gated } of waiting.splice(0, 32)) {
          answers[place] = (answers[place] ?? 0) + 1
          gate.countAnswer(gated)
          sockets[place]?.write('x')
        }
      }
      assert.ok(Math.min(...answers) >= 8, answers.join())
    } finally {
      isOver = true
      close()
    }
  })

  it('stops one that has its answer, while others are stopped, after four answers if turns are short', async () => {
    let waitingWork = 0
    let asked = 0
    const { gate, sockets, openAnother, close } = await openMinded(
      1,
      () => waitingWork,
      (place, _chunk, gated) => {
        if (place === 0) return
        asked++
        gate.countAnswer(gated)
      },
    )
    // How often a new connection is read while the first one is not.
    const askUntilStopped = async () => {
      waitingWork = 9 * 2 ** 20
      sockets[0]?.write('stop')
      while (!gate.isClosed) await nextTurn()
      waitingWork = 5 * 2 ** 20 // too much to read the first one again
      const asking = await openAnother()
      asked = 0
      for (let before = -1; before < asked; ) {
        before = asked
        asking.write('x')
        for (let turn = 0; turn < 200 && asked === before; turn++) await nextTurn()
      }
      const untilStopped = asked
      waitingWork = 0
      while (gate.isClosed || asked === untilStopped) await nextTurn()
      return untilStopped
    }
    try {
      const most: number[] = []
      // A turn of 5 ms, which another process can make, stops it after its first.
      while (most.length < 10) most.push(await askUntilStopped())
      assert.equal(Math.max(...most), 4, most.join())
    } finally {
      waitingWork = 0
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
    const { sockets, close } = await openMinded(
      2_100,
      () => waitingWork,
      () => {},
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
