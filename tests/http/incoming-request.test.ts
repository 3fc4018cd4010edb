// Bodies in small chunks, wanted or not: turn by turn.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { IncomingRequest } from '../../src/http/incoming-request.ts'
import { BodyReading } from '../../src/http/receive-body.ts'
import { openSocket } from '../support/raw-request.ts'

// 6 bytes each on the wire. What Node reads at once, 64 KiB, has 10,923.
const chunks = 400_000
const inOneRead = 11_000

let pushed = 0
class CountedRequest extends IncomingRequest {
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk !== null) pushed++
    return super.push(chunk, encoding)
  }
}

let mostInTurn = 0
const server = createServer({ IncomingMessage: CountedRequest }, (request, response) => {
  let before = pushed
  const countTurn = () => {
    mostInTurn = Math.max(mostInTurn, pushed - before)
    before = pushed
    if (!request.complete) setImmediate(countTurn)
  }
  setImmediate(countTurn)
  request.once('end', () => response.end('done'))
  request.discard()
})

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(() => server.close())

it('lets go of a body in chunks of one byte no faster than two reads in a turn, and of all of it', async () => {
  const address = server.address()
  const socket = await openSocket(typeof address === 'object' && address ? address.port : 0)
  const head =
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
  socket.write(`${head}${'1\r\nx\r\n'.repeat(chunks)}0\r\n\r\n`)
  let answer = ''
  for await (const text of socket.setEncoding('utf8')) answer += text
  assert.match(answer, /done/)
  assert.equal(pushed, chunks)
  assert.ok(mostInTurn > 0 && mostInTurn <= 2 * inOneRead, `${mostInTurn} chunks in a turn`)
})

it('reads one body in small chunks per turn, and others have as many turns as its chunks are worth', async () => {
  const bodies = 8
  const perBody = 40_000
  let [received, ended, mostAfterStart] = [0, 0, 0]
  const receiver = {
    chunk: (bytes: Buffer) => {
      received += bytes.length
    },
    end: () => ended++,
    fail: (error: unknown) => assert.fail(String(error)),
  }
  const server = createServer({ IncomingMessage: IncomingRequest }, (request) =>
    new BodyReading(request, undefined, 60_000, receiver).begin(),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const sockets = await Promise.all(Array.from({ length: bodies }, () => openSocket(port)))
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
  for (const socket of sockets) socket.write(`${head}${'1\r\nx\r\n'.repeat(perBody)}0\r\n\r\n`)
  let turns = 0
  for (let before = 0; ended < bodies; before = received) {
    await nextTurn()
    if (received > 0) turns++
    // The first read of each comes when it comes.
    if (before > bodies * inOneRead) mostAfterStart = Math.max(mostAfterStart, received - before)
  }
  for (const socket of sockets) socket.destroy()
  server.close()
  assert.equal(received, bodies * perBody)
  assert.ok(mostAfterStart <= inOneRead, `${mostAfterStart} chunks in a turn`)
  // Each counts as 257 bytes of 256 KiB per turn.
  const worth = (bodies * perBody * 257) / (256 * 1024)
  assert.ok(turns > worth / 2 && turns < worth * 3, `${turns} turns, they are worth ${worth}`)
})
