// Many small chunks of one connection, turn by turn.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, it } from 'node:test'
import { HeldRequest } from '../../src/http/held-request.ts'
import { openSocket } from '../raw-request.ts'

// 6 bytes each on the wire. What Node reads at once, 64 KiB, has 10,923.
const chunks = 200_000
const inOneRead = 11_000

let received = 0
let mostInTurn = 0
const server = createServer({ IncomingMessage: HeldRequest }, (request, response) => {
  let inTurn = 0
  const countTurn = () => {
    mostInTurn = Math.max(mostInTurn, inTurn)
    inTurn = 0
    if (!request.complete) setImmediate(countTurn)
  }
  setImmediate(countTurn)
  request.on('data', (chunk: Buffer) => {
    received += chunk.length
    inTurn++
  })
  request.on('end', () => response.end(`${received}`))
})

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(() => server.close())

it('reads a body in chunks of one byte no faster than a piece in a turn, and whole', async () => {
  const address = server.address()
  const socket = await openSocket(typeof address === 'object' && address ? address.port : 0)
  const head =
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
  socket.write(`${head}${'1\r\nx\r\n'.repeat(chunks)}0\r\n\r\n`)
  let answer = ''
  for await (const text of socket.setEncoding('utf8')) answer += text
  assert.ok(answer.endsWith(`${chunks}`) || answer.includes(`\r\n${chunks}\r\n`), answer)
  assert.ok(mostInTurn > 0 && mostInTurn <= 2 * inOneRead, `${mostInTurn} chunks in a turn`)
})
