// A stand-in for a MongoDB server that costs next to nothing: MongoDB's protocol over a Map.
// The real one answers a read in a fraction of a millisecond; the servers that this bench can start
// take so long that every peer waits for them alike. It knows only what the peers ask for, and
// keeps nothing: no figure of writes says anything of a disk.
import { createServer } from 'node:net'
import { BSON, type Document } from 'mongodb'

const hello = {
  ...{ ok: 1, isWritablePrimary: true, helloOk: true, maxBsonObjectSize: 16_777_216 },
  ...{ maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 },
  ...{ minWireVersion: 0, maxWireVersion: 21, logicalSessionTimeoutMinutes: 30 },
}
const opQuery = 2004
const opMsg = 2013
// MongoDB's own: documents of a first batch, bytes of any.
const firstBatch = 101
const batchBytes = 16 * 1024 * 1024

const documents = new Map<string, Buffer>()
const cursors = new Map<number, Iterator<Buffer>>()
let lastCursor = 0

// The bytes of the _id, which comes first, without its name: what tells documents apart.
function keyOf(bson: Buffer): string {
  const length = bson[4] === 0x07 ? 12 : 4 + bson.readInt32LE(9)
  return bson.toString('latin1', 9, 9 + length)
}

const keyOfValue = (_id: unknown) => keyOf(Buffer.from(BSON.serialize({ _id })))

// The server moves the _id to the front; the driver appends one of 12 bytes if there was none.
function withIdFirst(bson: Buffer): Buffer {
  const elementBytes = 1 + 4 + 12
  const last = bson.length - 1 - elementBytes
  if (last < 4 || bson.toString('latin1', last, last + 5) !== '\u0007_id\0')
    return Buffer.from(bson)
  const middle = bson.subarray(4, last)
  return Buffer.concat([bson.subarray(0, 4), bson.subarray(last, -1), middle, Buffer.of(0)])
}

function insert(bodies: readonly Buffer[]): Uint8Array {
  const writeErrors = bodies.flatMap((body, index) => {
    const bson = withIdFirst(body)
    const key = keyOf(bson)
    if (documents.has(key)) return [{ index, code: 11000, errmsg: 'E11000 duplicate key' }]
    documents.set(key, bson)
    return []
  })
  const n = bodies.length - writeErrors.length
  return BSON.serialize({ ok: 1, n, ...(writeErrors.length > 0 ? { writeErrors } : {}) })
}

function found({ filter, projection }: Document): Iterator<Buffer> {
  const { _id } = filter ?? {}
  const keys = _id === undefined ? undefined : (_id.$in ?? [_id]).map(keyOfValue)
  const all = keys?.flatMap((key: string) => documents.get(key) ?? []) ?? documents.values()
  return projection ? onlyIds(all) : Iterator.from(all)
}

function* onlyIds(all: Iterable<Buffer>): Generator<Buffer> {
  for (const bson of all) yield Buffer.from(BSON.serialize({ _id: BSON.deserialize(bson)._id }))
}

// { cursor: { firstBatch: [...], ns, id }, ok: 1 }, around the documents as the bytes they are
function batch(name: string, cursor: Iterator<Buffer>, limit: number, id: number): Buffer {
  const parts: Buffer[] = []
  let bytes = 0
  let done = false
  for (let index = 0; index < limit && bytes < batchBytes; index++) {
    const { value, done: end = false } = cursor.next()
    done = end
    if (end) break
    const key = Buffer.from(`\u0003${index}\0`)
    parts.push(key, value)
    bytes += key.length + value.length
  }
  if (done) cursors.delete(id)
  else cursors.set(id, cursor)
  const array = framed(parts)
  const rest = BSON.serialize({ id: BSON.Long.fromNumber(done ? 0 : id), ns: 'bench.documents' })
  const inner = framed([Buffer.from(`\u0004${name}\0`), array, Buffer.from(rest.subarray(4, -1))])
  const ok = Buffer.from(BSON.serialize({ ok: 1 }).subarray(4, -1))
  return framed([Buffer.from('\u0003cursor\0'), inner, ok])
}

// A BSON document of these elements.
function framed(elements: readonly Buffer[]): Buffer {
  const document = Buffer.concat([Buffer.alloc(4), ...elements, Buffer.of(0)])
  document.writeInt32LE(document.length, 0)
  return document
}

function answer(command: Document, bodies: readonly Buffer[]): Uint8Array {
  if (command.insert !== undefined) {
    const inBody: Document[] = command.documents ?? []
    return insert([...bodies, ...inBody.map((each) => Buffer.from(BSON.serialize(each)))])
  }
  if (command.find !== undefined) {
    const limit = command.limit || command.batchSize || firstBatch
    return batch(
      'firstBatch',
      found(command),
      Math.min(limit, command.batchSize ?? limit),
      ++lastCursor,
    )
  }
  if (command.getMore !== undefined) {
    const id = Number(command.getMore)
    const cursor = cursors.get(id) ?? Iterator.from<Buffer>([])
    return batch('nextBatch', cursor, command.batchSize || Infinity, id)
  }
  if (command.drop !== undefined) documents.clear()
  if (command.killCursors !== undefined)
    for (const id of command.cursors) cursors.delete(Number(id))
  if (command.count !== undefined) return BSON.serialize({ ok: 1, n: documents.size })
  if (command.buildInfo !== undefined) return BSON.serialize({ ok: 1, version: 'a Map in memory' })
  return BSON.serialize(command.hello || command.ismaster ? hello : { ok: 1 })
}

// OP_MSG: a body (kind 0) and sequences of documents (kind 1).
function read(message: Buffer): { command: Document; bodies: Buffer[] } {
  let command: Document = {}
  const bodies: Buffer[] = []
  for (let at = 20; at < message.length; ) {
    const kind = message[at++]
    const end = at + message.readInt32LE(at)
    if (kind === 0) command = BSON.deserialize(message.subarray(at, end), { promoteValues: true })
    else {
      for (let next = message.indexOf(0, at + 4) + 1; next < end; ) {
        const length = message.readInt32LE(next)
        bodies.push(message.subarray(next, next + length))
        next += length
      }
    }
    at = end
  }
  return { command, bodies }
}

// OP_REPLY to the driver's first, legacy hello; OP_MSG to all that follows.
function head(requestId: number, legacy: boolean, length: number): Buffer {
  const bytes = Buffer.alloc(legacy ? 36 : 21)
  bytes.writeInt32LE(bytes.length + length, 0)
  bytes.writeInt32LE(requestId, 8)
  bytes.writeInt32LE(legacy ? 1 : opMsg, 12)
  if (legacy) bytes.writeInt32LE(1, 32)
  return bytes
}

createServer((socket) => {
  let chunks: Buffer[] = []
  let bytes = 0
  let wanted = 16
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    // Put together only once a message is whole: one of 48 MB comes in a thousand chunks.
    while (bytes >= wanted) {
      const received = Buffer.concat(chunks)
      wanted = received.readInt32LE(0)
      chunks = [received]
      if (bytes < wanted) return
      const message = received.subarray(0, wanted)
      chunks = [received.subarray(wanted)]
      bytes -= wanted
      wanted = 16
      const legacy = message.readInt32LE(12) === opQuery
      const { command, bodies } = legacy ? { command: { hello: 1 }, bodies: [] } : read(message)
      const body = answer(command, bodies)
      socket.cork()
      socket.write(head(message.readInt32LE(4), legacy, body.length))
      socket.write(body)
      socket.uncork()
    }
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
