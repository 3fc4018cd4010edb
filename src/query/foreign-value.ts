// The types that JSON lacks, which only other programs write: what their Extended JSON says of their place in the order.
import { type Decimal, exactDecimal } from './decimal.ts'
import type { ExactNumber } from './filter.ts'

export type ForeignValue =
  | { readonly type: 'number'; readonly value: ExactNumber }
  | { readonly type: 'decimal'; readonly value: Decimal }
  | { readonly type: 'objectId'; readonly hex: string }
  | { readonly type: 'date'; readonly milliseconds: bigint }
  | { readonly type: 'binary'; readonly subtype: number; readonly bytes: Buffer }
  | { readonly type: 'timestamp'; readonly time: number; readonly count: number }
  /** MongoDB compares a symbol with texts. */
  | {
      readonly type: 'text' | 'pattern' | 'code' | 'codeWithScope'
      readonly texts: readonly string[]
    }
  | { readonly type: 'minKey' | 'maxKey' }

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
      return { type: 'number', value: Number(of) }
    case '$numberLong':
      return { type: 'number', value: exact(BigInt(String(of))) }
    case '$numberDecimal': {
      const exactly = exactDecimal(String(of))
      return typeof exactly === 'object'
        ? { type: 'decimal', value: exactly }
        : { type: 'number', value: exactly }
    }
    case '$oid':
      return { type: 'objectId', hex: String(of) }
    case '$date':
      return { type: 'date', milliseconds: millisecondsOf(of) }
    case '$binary':
      return {
        type: 'binary',
        subtype: Number.parseInt(memberOf(of, 'subType'), 16),
        bytes: Buffer.from(memberOf(of, 'base64'), 'base64'),
      }
    case '$timestamp':
      return {
        type: 'timestamp',
        time: Number(memberOf(of, 't')),
        count: Number(memberOf(of, 'i')),
      }
    case '$regularExpression':
      return { type: 'pattern', texts: [memberOf(of, 'pattern'), memberOf(of, 'options')] }
    case '$symbol':
      return { type: 'text', texts: [String(of)] }
    case '$code':
      return scope === undefined
        ? { type: 'code', texts: [String(of)] }
        : { type: 'codeWithScope', texts: [json.toString('utf8', at, end)] }
    case '$minKey':
      return { type: 'minKey' }
    case '$maxKey':
      return { type: 'maxKey' }
    default:
      return undefined
  }
}

const memberOf = (value: unknown, name: string): string => String(Reflect.get(Object(value), name))

const exact = (value: bigint): ExactNumber =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value

const millisecondsOf = (value: unknown): bigint =>
  typeof value === 'object' && value !== null && '$numberLong' in value
    ? BigInt(String(value.$numberLong))
    : BigInt(Date.parse(String(value)))
