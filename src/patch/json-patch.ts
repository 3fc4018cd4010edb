// JSON Patch (RFC 6902), on BSON: all of its operations or none, in their order.
import { bsonType } from '../codec/bson-type.ts'
import { abbreviatePointer } from '../codec/json-source.ts'
import { Refusal, type RefusalCode } from '../codec/refusal.ts'
import { maxDepth } from '../codec/value-parser.ts'
import { quoted } from '../shown-text.ts'
import { equalValues } from './equal-values.ts'
import { bytesOf, itemsOf, type Meter, membersOf, ValueNode, type Work } from './value-tree.ts'

const maxOperations = 1000
// Bytes that copies may add: many of them would make the document grow without end.
const maxCopied = 16 * 1024 * 1024

const names = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const

interface Operation {
  readonly name: (typeof names)[number]
  readonly path: readonly string[]
  readonly from: readonly string[]
  readonly value: ValueNode
}

/** The operations of a patch, an array. @throws Refusal `invalid_patch` with the pointer of the operation */
export function* readOperations(patch: ValueNode, meter: Meter): Work<Operation[]> {
  const items = yield* itemsOf(patch, meter)
  if (items.length > maxOperations) {
    throw invalid([], `A patch may have ${maxOperations} operations.`)
  }
  const operations: Operation[] = []
  for (const [index, item] of items.entries()) {
    operations.push(yield* readOperation(item, index, meter))
  }
  return operations
}

function* readOperation(item: ValueNode, index: number, meter: Meter): Work<Operation> {
  if (!item.isObject) throw invalid([index], 'An operation is an object.')
  const members = yield* membersOf(item, meter)
  const text = (key: string): string => {
    const member = members.get(key)
    if (member?.type !== bsonType.string) throw invalid([index], `It needs "${key}", a text.`)
    return member.bytes.toString('utf8', 4, member.bytes.length - 1)
  }
  const op = text('op')
  const name = names.find((known) => known === op)
  if (name === undefined) {
    throw invalid([index, 'op'], `There is no ${quoted(op)}; there is ${names.join(', ')}.`)
  }
  const path = stepsOf(text('path'), [index, 'path'])
  const needsFrom = name === 'move' || name === 'copy'
  const from = needsFrom ? stepsOf(text('from'), [index, 'from']) : []
  const value = members.get('value')
  if (value === undefined && (name === 'add' || name === 'replace' || name === 'test')) {
    throw invalid([index], 'It needs "value".')
  }
  if (name === 'move' && from.length < path.length && leadsTo(from, path)) {
    throw invalid([index], 'Nothing can be moved into itself.')
  }
  return { name, path, from, value: value ?? new ValueNode(bsonType.null, Buffer.alloc(0)) }
}

function stepsOf(pointer: string, place: Place): string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) {
    const why = `${quoted(pointer)} is not a JSON Pointer: "/a/b", with ~1 for / and ~0 for ~.`
    throw invalid(place, why)
  }
  // No more than it takes to see that there are too many: 500,000 of one pointer took 40 ms.
  const steps = pointer.slice(1).split('/', maxDepth + 1)
  if (steps.length > maxDepth) {
    const why = `${quoted(pointer)} is longer than the ${maxDepth} levels that a document may nest.`
    throw invalid(place, why)
  }
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/**
 * Applies the operations to the document.
 * @throws Refusal `patch_test_failed` or `patch_not_possible` with the pointer of the operation
 */
export function* applyOperations(
  document: ValueNode,
  operations: readonly Operation[],
  meter: Meter,
): Work<ValueNode> {
  const changer = new Changer(document, meter)
  for (const [index, operation] of operations.entries()) {
    yield* changer.apply(operation, index)
    yield
  }
  return changer.root
}

class Changer {
  root: ValueNode
  readonly #meter: Meter
  #index = 0
  #copied = 0

  constructor(root: ValueNode, meter: Meter) {
    this.root = root
    this.#meter = meter
  }

  *apply({ name, path, from, value }: Operation, index: number): Work<void> {
    this.#index = index
    switch (name) {
      case 'add':
        return yield* this.#add(path, value)
      case 'remove':
        yield* this.#remove(path)
        return
      case 'replace':
        yield* this.#find(path)
        return yield* this.#replace(path, value)
      case 'move':
        // Onto itself: taken out and put back, it would become the last member.
        if (from.length === path.length && leadsTo(from, path)) yield* this.#find(from)
        else yield* this.#add(path, yield* this.#remove(from))
        return
      case 'copy':
        return yield* this.#add(path, yield* this.#copy(from))
      case 'test':
        if (yield* equalValues(yield* this.#find(path), value, this.#meter)) return
        throw refuse('patch_test_failed', [index], `${shown(path)} has another value.`)
    }
  }

  // The bytes of the value: two places that shared what is taken apart would change together.
  *#copy(from: readonly string[]): Work<ValueNode> {
    const node = yield* this.#find(from)
    const bytes = yield* bytesOf(node, this.#meter)
    this.#copied += bytes.length
    if (this.#copied > maxCopied) {
      throw refuse('document_too_large', [this.#index], 'The copies make the document too large.')
    }
    return new ValueNode(node.type, bytes)
  }

  *#find(path: readonly string[]): Work<ValueNode> {
    let node = this.root
    for (const [at, step] of path.entries()) {
      const next = yield* this.#child(node, step)
      if (next === undefined) throw this.#absent(path.slice(0, at + 1))
      node = next
    }
    return node
  }

  *#child(node: ValueNode, step: string): Work<ValueNode | undefined> {
    if (node.isObject) return (yield* membersOf(node, this.#meter)).get(step)
    if (!node.isArray) return undefined
    const items = yield* itemsOf(node, this.#meter)
    const index = positionOf(step)
    return index === undefined ? undefined : items[index]
  }

  *#add(path: readonly string[], value: ValueNode): Work<void> {
    const step = path.at(-1)
    if (step === undefined) {
      this.root = value
      return
    }
    const parent = yield* this.#find(path.slice(0, -1))
    if (parent.isObject) {
      expectKey(step, this.#index)
      ;(yield* membersOf(parent, this.#meter)).set(step, value)
      return
    }
    if (!parent.isArray) throw this.#absent(path)
    const items = yield* itemsOf(parent, this.#meter)
    const index = step === '-' ? items.length : positionOf(step)
    if (index === undefined || index > items.length) throw this.#absent(path)
    items.splice(index, 0, value)
  }

  *#replace(path: readonly string[], value: ValueNode): Work<void> {
    const step = path.at(-1)
    if (step === undefined) {
      this.root = value
      return
    }
    const parent = yield* this.#find(path.slice(0, -1))
    if (parent.isObject) (yield* membersOf(parent, this.#meter)).set(step, value)
    else (yield* itemsOf(parent, this.#meter))[Number(step)] = value
  }

  *#remove(path: readonly string[]): Work<ValueNode> {
    const node = yield* this.#find(path)
    const step = path.at(-1)
    if (step === undefined) {
      throw refuse('patch_not_possible', [this.#index], 'A document is removed by DELETE.')
    }
    const parent = yield* this.#find(path.slice(0, -1))
    if (parent.isObject) (yield* membersOf(parent, this.#meter)).delete(step)
    else (yield* itemsOf(parent, this.#meter)).splice(Number(step), 1)
    return node
  }

  #absent(path: readonly string[]): Refusal {
    return refuse('patch_not_possible', [this.#index], `There is no ${shown(path)}.`)
  }
}

// Whether the second path begins with the first.
const leadsTo = (from: readonly string[], path: readonly string[]) =>
  from.every((step, at) => step === path[at])

// Without leading zeros, as the RFC has it.
const positionOf = (step: string): number | undefined =>
  /^(?:0|[1-9]\d{0,8})$/.test(step) ? Number(step) : undefined

function expectKey(key: string, index: number): void {
  const wrong = key.startsWith('$') ? 'begin with $' : key.includes('\0') ? 'hold a NUL' : undefined
  if (wrong) throw refuse('key_not_allowed', [index, 'path'], `A key must not ${wrong}.`)
}

const shown = (path: readonly string[]) =>
  path.length === 0 ? 'the document' : quoted(abbreviatePointer(path))

type Place = readonly (string | number)[]

const invalid = (place: Place, why: string) => refuse('invalid_patch', place, why)

function refuse(code: RefusalCode, place: Place, why: string): Refusal {
  const pointer = abbreviatePointer(place)
  return new Refusal(code, pointer === '' ? why : `At ${pointer} of the patch: ${why}`, { pointer })
}
