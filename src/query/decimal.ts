// A decimal of 128 bits, which only other programs write: its place among the numbers, exactly.
import { partsOfDouble, readDecimal } from '../codec/exact-number.ts'
import type { ExactNumber } from './filter.ts'

/** A decimal that no double and no integer of 64 bits equals. */
export interface Decimal {
  /** The greatest double that is less. */
  readonly below: number
  readonly isNegative: boolean
  /** The value is 0.DIGITS times 10 to the power of `exponent`; at most 34 digits, without a 0 at either end. */
  readonly digits: string
  readonly exponent: number
}

/** The number that the text of a Decimal128 stands for. NaN and the infinities are doubles. */
export function exactDecimal(text: string): ExactNumber | Decimal {
  const nearest = Number(text) + 0
  const { isNegative, digits, exponent: power } = readDecimal(text)
  if (digits === '') return nearest
  const value = BigInt(isNegative ? `-${digits}` : digits)
  const comparison = Number.isFinite(nearest)
    ? compareWithDouble(value, power, nearest)
    : -Math.sign(nearest)
  if (comparison === 0) return nearest
  const exponent = power + digits.length
  if (power >= 0 && exponent <= 19) {
    const integer = value * 10n ** BigInt(power)
    if (BigInt.asIntN(64, integer) === integer) return integer
  }
  return { below: comparison > 0 ? nearest : doubleBefore(nearest), isNegative, digits, exponent }
}

/** The text of a decimal, as Decimal128 reads it. */
export const decimalText = ({ isNegative, digits, exponent }: Omit<Decimal, 'below'>): string =>
  `${isNegative ? '-' : ''}${digits}E${exponent - digits.length}`

// A double is an integer times a power of 2: both sides are multiplied until they are integers.
function compareWithDouble(value: bigint, power: number, double: number): number {
  if (double === 0) return value < 0n ? -1 : 1
  const { mantissa, power: binary } = partsOfDouble(Math.abs(double))
  const left = value * 10n ** BigInt(Math.max(power, 0)) * 2n ** BigInt(Math.max(-binary, 0))
  const right =
    (double < 0 ? -mantissa : mantissa) *
    2n ** BigInt(Math.max(binary, 0)) *
    10n ** BigInt(Math.max(-power, 0))
  return left < right ? -1 : left > right ? 1 : 0
}

// The bits of a double count up and down with its value, from 0 outwards.
function doubleBefore(double: number): number {
  if (double === 0) return -Number.MIN_VALUE
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, double)
  view.setBigUint64(0, view.getBigUint64(0) + (double > 0 ? -1n : 1n))
  return view.getFloat64(0)
}
