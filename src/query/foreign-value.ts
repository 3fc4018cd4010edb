// The types that JSON lacks, which only other programs write: what their Extended JSON says of their place in the order.
import { type Decimal, exactDecimal } from './decimal.ts'
import { type ExactNumber, exactInteger } from './filter.ts'
import type { Kind } from './sort-key.ts'

/** The kind of the value, and what a key has of it: a number, bytes as they are, or texts. */
export type ForeignValue =
  | { readonly kind: 'number'; readonly value: ExactNumber | Decimal }
  | { readonly kind: Kind; readonly bytes: Buffer }
  | { readonly kind: Kind; readonly texts: readonly string[] }

/** Whether the object at `at` may be such a value: no key of a document of this service begins with $. */
export const mayBeForeign = (json: Buffer, at: number): boolean =>
  json[at] === 0x7b && json[at + 1] === 0x22 && json[at + 2] === 0x24

/** The value whose Extended JSON stands from `at` to `end`, undefined if it is an object like any other. */
export function foreignValue(json: Buffer, at: number, end: number): ForeignValue | undefined {
  const value: unknown = JSON.parse(json.toString('utf8', at, end))
  const [[name = '', of] = [], scope] = Object.entries(value ?? {})
  switch (name) {
    case '$numberInt':
    case '$numberDouble':
      return { kind: 'number', value: Number(of) }
    case '$numberLong':
      return { kind: 'number', value: exactInteger(BigInt(String(of))) }
    case '$numberDecimal':
      return { kind: 'number', value: exactDecimal(String(of)) }
    case '$oid':
      return { kind: 'objectId', bytes: Buffer.from(String(of), 'hex') }
    case '$date': {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64BE(BigInt.asUintN(64, millisecondsOf(of) + 2n ** 63n))
      return { kind: 'date', bytes }
    }
    case '$binary': {
      const content = Buffer.from(memberOf(of, 'base64'), 'base64')
      const subtype = Buffer.of(Number.parseInt(memberOf(of, 'subType'), 16))
      return { kind: 'binary', bytes: Buffer.concat([uint32(content.length), subtype, content]) }
    }
    case '$timestamp': {
      const [time, count] = [uint32(memberOf(of, 't')), uint32(memberOf(of, 'i'))]
      return { kind: 'timestamp', bytes: Buffer.concat([time, count]) }
    }
    case '$regularExpression':
      return { kind: 'pattern', texts: [memberOf(of, 'pattern'), memberOf(of, 'options')] }
    case '$symbol':
      return { kind: 'text', texts: [String(of)] } // MongoDB compares it with texts.
    case '$code':
      return scope === undefined
        ? { kind: 'code', texts: [String(of)] }
        : { kind: 'codeWithScope', texts: [json.toString('utf8', at, end)] }
    case '$minKey':
      return { kind: 'minKey', texts: [] }
    case '$maxKey':
      return { kind: 'maxKey', texts: [] }
    default:
      return undefined
  }
}

const memberOf = (value: unknown, name: string): string => String(Reflect.get(Object(value), name))

function uint32(value: number | string): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(Number(value))
  return bytes
}

const millisecondsOf = (value: unknown): bigint =>
  typeof value === 'object' && value !== null && '$numberLong' in value
    ? BigInt(String(value.$numberLong))
    : BigInt(Date.parse(String(value)))
