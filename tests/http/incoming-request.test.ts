// A body that nobody wants, in small chunks: turn by turn.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, it } from 'node:test'
import { IncomingRequest } from '../../src/http/incoming-request.ts'
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
