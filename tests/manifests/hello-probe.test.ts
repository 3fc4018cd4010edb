// The readiness probe, run by bash against servers that answer well, badly and not at all.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { BSON } from 'mongodb'
import { helloMessage, helloScript } from '../../manifests/hello-probe.ts'

/** The script's exit code against a server that answers one message with a document, or with silence. */
async function probe(answer: object | undefined): Promise<{ code: number; received: Buffer }> {
  const sockets: Socket[] = []
  let received = Buffer.alloc(0)
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (answer !== undefined)
        socket.write(Buffer.concat([Buffer.alloc(21), BSON.serialize(answer)]))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const code = await runScript(address.port)
  for (const socket of sockets) socket.destroy()
  server.close()
  return { code, received }
}

const skip = process.platform === 'win32' && 'the script is for the bash of the image'

async function runScript(port: number): Promise<number> {
  const [code] = await once(spawn('bash', ['-ec', helloScript(port)], { stdio: 'ignore' }), 'exit')
  return code
}

test('the message is an OP_MSG with hello for the database admin', () => {
  const message = helloMessage()
  assert.equal(message.length, 52)
  assert.equal(message.readInt32LE(0), 52)
  assert.equal(message.readInt32LE(12), 2013)
  assert.deepEqual(BSON.deserialize(message.subarray(21)), { hello: 1, $db: 'admin' })
})

test('a server that takes writes is ready, and was asked with exactly that message', {
  skip,
}, async () => {
  const { code, received } = await probe({ isWritablePrimary: true, ok: 1 })
  assert.equal(code, 0)
  assert.deepEqual(received, helloMessage())
})

test('a server that takes no writes is not ready', { skip }, async () => {
  assert.notEqual((await probe({ isWritablePrimary: false, ok: 1 })).code, 0)
})

test('a server that says nothing is not ready after 2 s', { skip }, async () => {
  const before = Date.now()
  assert.notEqual((await probe(undefined)).code, 0)
  assert.ok(Date.now() - before < 2900, 'longer than the 3 s that the kubelet waits')
})

test('a closed port is not ready', { skip }, async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  assert.ok(address !== null && typeof address === 'object')
  assert.notEqual(await runScript(address.port), 0)
})
