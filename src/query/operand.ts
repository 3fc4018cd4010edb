// The numbers that a condition may name, and what may not be one: the rules of documents hold here too.
import { nearestDouble } from '../codec/exact-number.ts'
import { quoted } from '../shown-text.ts'
import { type ExactNumber, invalidQuery } from './filter.ts'

export const maxValues = 100

/** A number as people write it, also with zeros in front. */
export const barePattern = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** A number of JSON. */
export const jsonNumberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n

/** The number as a document would keep it, undefined if none can: 1e400, or digits that get lost. */
export function keptNumber(token: string): ExactNumber | undefined {
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts.exec(token) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  const isInteger = /^-?\d+$/.test(token)
  if (isInteger && all.length <= 19) {
    const value = BigInt(`${sign}${all || '0'}`)
    if (value >= int64Min && value <= int64Max) {
      const double = Number(value)
      return Number.isSafeInteger(double) ? double : value
    }
  }
  const digits = all.replace(/0+$/, '')
  const exponent = Number(power) - fraction.length + (all.length - digits.length)
  const value = nearestDouble({ digits, exponent })
  if (value === undefined) return undefined
  return (sign === '-' ? -value : value) + 0
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
