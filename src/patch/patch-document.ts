// A patch as it came, and the document that it makes of another one; JSON Merge Patch itself.
import { bsonType, bufferOf } from '../codec/bson-type.ts'
import type { Reserve } from '../codec/bson-writer.ts'
import type { DocumentParser } from '../codec/document-parser.ts'
import { Refusal } from '../codec/refusal.ts'
import { nextPiece } from '../fair-turns.ts'
import { equalValues } from './equal-values.ts'
import { applyOperations, readOperations } from './json-patch.ts'
import {
  bytesOf,
  emptyObject,
  expectShallow,
  type Members,
  Meter,
  membersOf,
  ValueNode,
  type Work,
} from './value-tree.ts'

export const mergePatchType = 'application/merge-patch+json'
export const jsonPatchType = 'application/json-patch+json'
export type PatchType = typeof mergePatchType | typeof jsonPatchType

/** A patch that has been read; it can be applied again and again. */
export interface Patch {
  /**
   * The document as the patch leaves it, its _id as it was.
   * @throws Refusal if the patch does not fit, or its result is not a document
   */
  apply(bson: Uint8Array, shownId: string): Promise<Buffer>
}

/** @throws Refusal if it is not a patch */
export async function readPatch(
  parser: DocumentParser,
  type: PatchType,
  text: Uint8Array,
  reserve: Reserve,
): Promise<Patch> {
  const parsed = await parser.parseValue(text, reserve)
  const isMerge = type === mergePatchType
  if (parsed === undefined || parsed.isArray === isMerge) {
    const form = isMerge ? 'A merge patch is an object.' : 'A JSON Patch is an array of operations.'
    throw new Refusal('invalid_patch', form, { pointer: '' })
  }
  // What is taken apart while it is applied is changed: each time it begins with the bytes.
  const patch = () => new ValueNode(parsed.isArray ? bsonType.array : bsonType.object, parsed.bytes)
  if (!isMerge) await inTurns(readOperations(patch(), new Meter(reserve)))
  return {
    apply: (bson, shownId) => inTurns(applied(bson, shownId, patch(), new Meter(reserve))),
  }
}

function* applied(bson: Uint8Array, shownId: string, patch: ValueNode, meter: Meter): Work<Buffer> {
  const document = new ValueNode(bsonType.object, bufferOf(bson))
  const members = yield* membersOf(document, meter)
  const id = members.get('_id')
  if (id === undefined) throw new Refusal('internal', 'The document has no _id.')
  // As it is shown, so that a test of it holds; and its own object, so that another one is seen.
  const shown = textNode(shownId)
  members.set('_id', shown)
  const changed = patch.isArray
    ? yield* applyOperations(document, yield* readOperations(patch, meter), meter)
    : yield* mergePatch(document, patch, meter)
  if (!changed.isObject) {
    throw new Refusal('not_an_object', 'The patch leaves no object, and a document is one.', {
      pointer: '',
    })
  }
  const left = yield* membersOf(changed, meter)
  const kept = left.get('_id')
  if (kept === undefined || !(yield* equalValues(kept, shown, meter))) {
    throw new Refusal('invalid_id', 'No patch can change or remove the _id.', { pointer: '/_id' })
  }
  changed.members = yield* withIdFirst(left, id, meter)
  const result = yield* bytesOf(changed, meter)
  yield* expectShallow(result)
  return result
}

function* withIdFirst(members: Members, id: ValueNode, meter: Meter): Work<Members> {
  members.set('_id', id)
  if (members.keys().next().value === '_id') return members
  const ordered = new Map([['_id', id]])
  for (const [key, value] of members) {
    ordered.set(key, value)
    if (meter.step()) yield
  }
  return ordered
}

function textNode(text: string): ValueNode {
  const bytes = Buffer.from(`    ${text}\0`)
  bytes.writeInt32LE(bytes.length - 4, 0)
  return new ValueNode(bsonType.string, bytes)
}

async function inTurns<T>(work: Work<T>): Promise<T> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value
    await nextPiece()
  }
}

// JSON Merge Patch (RFC 7396), on BSON: the order of members, 64-bit integers and other programs' types survive.
// Null removes a member, an object goes on inside, all else is put.
function* mergePatch(target: ValueNode, patch: ValueNode, meter: Meter): Work<ValueNode> {
  const merged = target.isObject ? target : emptyObject(meter)
  const members = yield* membersOf(merged, meter)
  for (const [key, value] of yield* membersOf(patch, meter)) {
    if (value.type === bsonType.null) members.delete(key)
    else if (value.isObject) {
      members.set(key, yield* mergePatch(members.get(key) ?? emptyObject(meter), value, meter))
    } else members.set(key, value)
    if (meter.step()) yield
  }
  return merged
}
