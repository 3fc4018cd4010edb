// JSON Merge Patch (RFC 7396), on BSON: the order of members, 64-bit integers and other programs' types survive.
import { bsonType } from '../codec/bson-type.ts'
import type { Reserve } from '../codec/bson-writer.ts'
import { emptyObject, membersOf, type ValueNode, type Work } from './value-tree.ts'

/** Changes the target by the patch, an object: null removes a member, an object goes on inside, all else is put. */
export function* mergePatch(
  target: ValueNode,
  patch: ValueNode,
  reserve: Reserve,
): Work<ValueNode> {
  const merged = target.isObject ? target : emptyObject()
  const members = yield* membersOf(merged, reserve)
  for (const [key, value] of yield* membersOf(patch, reserve)) {
    if (value.type === bsonType.null) members.delete(key)
    else if (value.isObject) {
      members.set(key, yield* mergePatch(members.get(key) ?? emptyObject(), value, reserve))
    } else members.set(key, value)
  }
  return merged
}
