// The types that JSON lacks, which only other programs write: where their Extended JSON has its place in the order.
import type { ExactNumber } from './filter.ts'

export type ForeignValue =
  | { readonly type: 'number'; readonly value: ExactNumber }
  | { readonly type: 'objectId'; readonly hex: string }
  | { readonly type: 'date'; readonly milliseconds: bigint }
  /** Any other: it sorts by its kind, and then by its text. */
  | { readonly type: 'binary' | 'timestamp' | 'pattern' | 'minKey' | 'maxKey' }

const marks: readonly (readonly [string, ForeignValue['type']])[] = [
  ['{"$date":', 'date'],
  ['{"$oid":', 'objectId'],
  ['{"$numberDouble":', 'number'],
  ['{"$numberDecimal":', 'number'],
  ['{"$binary":', 'binary'],
  ['{"$uuid":', 'binary'],
  ['{"$timestamp":', 'timestamp'],
  ['{"$regularExpression":', 'pattern'],
  ['{"$code":', 'pattern'],
  ['{"$minKey":', 'minKey'],
  ['{"$maxKey":', 'maxKey'],
]

/** Whether the object at `at` may be such a value: no key of a document of this service begins with $. */
export const mayBeForeign = (json: Buffer, at: number): boolean =>
  json[at + 1] === 0x22 && json[at + 2] === 0x24

/** The value whose Extended JSON stands from `at` to `end`, undefined if it is an object like any other. */
export function foreignValue(json: Buffer, at: number, end: number): ForeignValue | undefined {
  const found = marks.find(([mark]) => json.toString('latin1', at, at + mark.length) === mark)
  if (found === undefined) return undefined
  const [mark, type] = found
  const text = json.toString('utf8', at + mark.length, end - 1)
  switch (type) {
    case 'number':
      return { type, value: Number(JSON.parse(text)) }
    case 'objectId':
      return { type, hex: String(JSON.parse(text)) }
    case 'date':
      return { type, milliseconds: millisecondsOf(JSON.parse(text)) }
    default:
      return { type }
  }
}

const millisecondsOf = (value: unknown): bigint =>
  typeof value === 'object' && value !== null && '$numberLong' in value
    ? BigInt(String(value.$numberLong))
    : BigInt(Date.parse(String(value)))
