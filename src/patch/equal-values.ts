// Whether two values of BSON are the same as JSON (RFC 6902, section 4.6): numbers by value, members in any order.
import { bsonType } from '../codec/bson-type.ts'
import { itemsOf, type Meter, membersOf, type ValueNode, type Work } from './value-tree.ts'

export function* equalValues(left: ValueNode, right: ValueNode, meter: Meter): Work<boolean> {
  const [one, other] = [numberOf(left), numberOf(right)]
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a double of the same value are the same number
  if (one !== undefined && other !== undefined) return one == other
  if (left.type !== right.type) return false
  if (left.isObject) {
    const members = yield* membersOf(left, meter)
    const others = yield* membersOf(right, meter)
    if (members.size !== others.size) return false
    for (const [key, value] of members) {
      const same = others.get(key)
      if (same === undefined || !(yield* equalValues(value, same, meter))) return false
      if (meter.step()) yield
    }
    return true
  }
  if (left.isArray) {
    const items = yield* itemsOf(left, meter)
    const others = yield* itemsOf(right, meter)
    if (items.length !== others.length) return false
    for (const [index, value] of items.entries()) {
      const same = others[index]
      if (same === undefined || !(yield* equalValues(value, same, meter))) return false
      if (meter.step()) yield
    }
    return true
  }
  return left.bytes.equals(right.bytes)
}

function numberOf({ type, bytes }: ValueNode): number | bigint | undefined {
  if (type === bsonType.int32) return bytes.readInt32LE(0)
  if (type === bsonType.int64) return bytes.readBigInt64LE(0)
  return type === bsonType.double ? bytes.readDoubleLE(0) : undefined
}
