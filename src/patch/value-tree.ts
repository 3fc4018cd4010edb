// A document while it is changed: its BSON, taken apart only where a change leads.
import { bsonType, endOfValue } from '../codec/bson-type.ts'
import { BsonWriter, type Reserve } from '../codec/bson-writer.ts'
import { Refusal } from '../codec/refusal.ts'
import { maxDepth, maxDocumentBytes, tooLargeText } from '../codec/value-parser.ts'

// Members or elements between two chances for others.
const piece = 5000
// About what a member costs in memory when it is taken apart, and a Map or an array for however few.
const bytesOfMember = 120
const bytesOfContainer = 240

export type Members = Map<string, ValueNode>

/** What long work is made of: it yields when others should have their turn. */
export type Work<T> = Generator<undefined, T>

/** Counts what one patch costs, across all values: many small ones cost as much as a large one. */
export class Meter {
  readonly #reserve: Reserve
  #steps = 0
  #bytes = 0

  constructor(reserve: Reserve) {
    this.#reserve = reserve
  }

  /** Another member was looked at. True if others should have their turn now. */
  step(): boolean {
    if (++this.#steps % piece > 0) return false
    this.#reserve(this.#bytes)
    this.#bytes = 0
    return true
  }

  /** A member was taken apart too. */
  takeMember(): boolean {
    this.#bytes += bytesOfMember
    return this.step()
  }

  /** A value is taken apart. */
  takeContainer(): void {
    this.#bytes += bytesOfContainer
  }

  /** A writer that counts its bytes. */
  writer(): BsonWriter {
    const out = new BsonWriter(maxDocumentBytes + 64)
    out.reserve = this.#reserve
    return out
  }
}

/** A value: its bytes as BSON, or taken apart. Bytes are never changed, so that two places can share them. */
export class ValueNode {
  readonly type: number
  // A part of another buffer: a Buffer for each of 400,000 numbers was twice the work for the collector.
  readonly source: Buffer
  readonly start: number
  readonly end: number
  members: Members | undefined
  items: ValueNode[] | undefined

  constructor(type: number, source: Buffer, start = 0, end = source.length) {
    this.type = type
    this.source = source
    this.start = start
    this.end = end
  }

  get bytes(): Buffer {
    return this.source.subarray(this.start, this.end)
  }

  get isObject(): boolean {
    return this.type === bsonType.object
  }

  get isArray(): boolean {
    return this.type === bsonType.array
  }
}

/** An object without members. */
export function emptyObject(meter: Meter): ValueNode {
  meter.takeContainer()
  const node = new ValueNode(bsonType.object, Buffer.from([5, 0, 0, 0, 0]))
  node.members = new Map()
  return node
}

/** The members of an object, taken apart now if need be. */
export function* membersOf(node: ValueNode, meter: Meter): Work<Members> {
  if (node.members) return node.members
  meter.takeContainer()
  const members: Members = new Map()
  for (const { keyAt, value } of elementsOf(node)) {
    members.set(node.source.toString('utf8', keyAt, value.start - 1), value)
    if (meter.takeMember()) yield
  }
  node.members = members
  return members
}

/** The same of an array. */
export function* itemsOf(node: ValueNode, meter: Meter): Work<ValueNode[]> {
  if (node.items) return node.items
  meter.takeContainer()
  const items: ValueNode[] = []
  for (const { value } of elementsOf(node)) {
    items.push(value)
    if (meter.takeMember()) yield
  }
  node.items = items
  return items
}

function* elementsOf({ source, start }: ValueNode): Generator<{ keyAt: number; value: ValueNode }> {
  for (let at = start + 4; (source[at] ?? 0) !== 0; ) {
    const type = source[at] ?? 0
    const valueAt = source.indexOf(0, at + 1) + 1
    const next = endOfValue(source, type, valueAt)
    yield { keyAt: at + 1, value: new ValueNode(type, source, valueAt, next) }
    at = next
  }
}

/**
 * The BSON of the value, put together.
 * @throws Refusal `too_deep` or `document_too_large`
 */
export function* bytesOf(node: ValueNode, meter: Meter): Work<Buffer> {
  if (!node.members && !node.items) return node.bytes
  const out = meter.writer()
  yield* write(node, out, meter)
  return Buffer.from(out.bytes.subarray(0, out.at))
}

function* write(node: ValueNode, out: BsonWriter, meter: Meter): Work<void> {
  if (!node.members && !node.items) {
    put(out, node.source, node.start, node.end)
    return
  }
  const start = out.at
  expectRoom(out, 4)
  out.int32(0)
  for (const [key, value] of node.members ?? []) {
    expectRoom(out, 1)
    out.byte(value.type)
    put(out, Buffer.from(`${key}\0`))
    yield* write(value, out, meter)
    if (meter.step()) yield
  }
  for (const [index, value] of (node.items ?? []).entries()) {
    expectRoom(out, 24)
    out.byte(value.type)
    out.index(index)
    yield* write(value, out, meter)
    if (meter.step()) yield
  }
  expectRoom(out, 1)
  out.close(start)
  if (out.at > maxDocumentBytes) throw tooLarge()
}

const tooLarge = () => new Refusal('document_too_large', tooLargeText, { pointer: '' })

function expectRoom(out: BsonWriter, count: number): void {
  if (!out.ensure(count)) throw tooLarge()
}

function put(out: BsonWriter, source: Buffer, start = 0, end = source.length): void {
  expectRoom(out, end - start)
  source.copy(out.bytes, out.at, start, end)
  out.at += end - start
}

/** @throws Refusal `too_deep` if the document nests deeper than one that is sent whole may */
export function* expectShallow(bson: Buffer): Work<void> {
  const ends: number[] = [bson.readInt32LE(0) - 1]
  let at = 4
  for (let count = 1; ends.length > 0; count++) {
    if (at >= (ends.at(-1) ?? 0)) {
      ends.pop()
      at++
      continue
    }
    const type = bson[at] ?? 0
    const value = bson.indexOf(0, at + 1) + 1
    if (type === bsonType.object || type === bsonType.array) {
      ends.push(value + bson.readInt32LE(value) - 1)
      if (ends.length > maxDepth) {
        throw new Refusal('too_deep', `A document may nest ${maxDepth} levels deep.`)
      }
      at = value + 4
    } else at = endOfValue(bson, type, value)
    if (count % (4 * piece) === 0) yield
  }
}
