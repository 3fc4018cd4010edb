// The numbers that a condition may name, and what may not be one: the rules of documents hold here too.
import { nearestDouble, readDecimal } from '../codec/exact-number.ts'
import { quoted } from '../shown-text.ts'
import { type ExactNumber, exactInteger, invalidQuery } from './filter.ts'

const maxValues = 100

/** A number as people write it, also with zeros in front. */
export const barePattern = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** A number of JSON. */
export const jsonNumberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The number as a document would keep it, undefined if none can: 1e400, or digits that get lost. */
export function keptNumber(token: string): ExactNumber | undefined {
  const { isNegative, ...decimal } = readDecimal(token)
  if (/^-?\d+$/.test(token) && decimal.digits.length + decimal.exponent <= 19) {
    const integer = BigInt(token)
    if (BigInt.asIntN(64, integer) === integer) return exactInteger(integer)
  }
  const value = nearestDouble(decimal)
  return value === undefined ? undefined : (isNegative ? -value : value) + 0
}

/** The same, if only a number will do. */
export function expectNumber(token: string): ExactNumber {
  const value = keptNumber(token)
  if (value !== undefined) return value
  throw invalidQuery(`${quoted(token)} is not a number that a document can hold.`)
}

export function expectFew<T>(values: readonly T[]): readonly T[] {
  if (values.length <= maxValues) return values
  throw invalidQuery(`A list may have ${maxValues} values.`)
}
