// A fake mongod: it says hello, and answers every write with the reply that a test gives it, or not.
// For what a real server does only as a member of a replica set that has lost its majority, or once
// in many crashes.
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { BSON, type Document } from 'mongodb'

const hello = {
  ok: 1,
  isWritablePrimary: true,
  helloOk: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 21,
}
const opQuery = 2004
const opMsg = 2013

export interface FakeMongod {
  readonly uri: string
  /** The names of the writes that came. */
  readonly writes: string[]
  /** Closes every connection on which no write waits for its reply, and takes no new one. */
  leaveWritesWaiting(): void
  close(): void
}

/** Starts one on a free port of 127.0.0.1. Without a reply it says nothing to a write. */
export async function startFakeMongod(reply?: Document): Promise<FakeMongod> {
  const writes: string[] = []
  const sockets = new Set<Socket>()
  const waiting = new Set<Socket>()
  const answer = (command: Document | undefined): Document | undefined => {
    const name = ['insert', 'update', 'delete'].find((write) => command?.[write] !== undefined)
    if (name) writes.push(name)
    if (name) return reply
    return command && command.hello === undefined && command.ismaster === undefined
      ? { ok: 1 }
      : hello
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 16 && received.length >= received.readInt32LE(0)) {
        const message = received.subarray(0, received.readInt32LE(0))
        received = received.subarray(message.length)
        const legacy = message.readInt32LE(12) === opQuery
        const command = legacy
          ? undefined
          : BSON.deserialize(message.subarray(21, 21 + message.readInt32LE(21)))
        const body = answer(command)
        if (body) socket.write(encode(message.readInt32LE(4), legacy, BSON.serialize(body)))
        else waiting.add(socket)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    uri: `mongodb://127.0.0.1:${port}/`,
    writes,
    leaveWritesWaiting() {
      server.close()
      for (const socket of sockets) if (!waiting.has(socket)) socket.destroy()
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

// OP_REPLY to the driver's first, legacy hello; OP_MSG to all that follows.
function encode(requestId: number, legacy: boolean, body: Uint8Array): Buffer {
  const head = Buffer.alloc(legacy ? 36 : 21)
  head.writeInt32LE(head.length + body.length, 0)
  head.writeInt32LE(requestId, 8)
  head.writeInt32LE(legacy ? 1 : opMsg, 12)
  if (legacy) head.writeInt32LE(1, 32)
  return Buffer.concat([head, body])
}
