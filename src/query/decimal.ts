// A decimal of 128 bits, which only other programs write: its place among the numbers, exactly.
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

const parts = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/i

/** The number that the text of a Decimal128 stands for. NaN and the infinities are doubles. */
export function exactDecimal(text: string): ExactNumber | Decimal {
  const nearest = Number(text) + 0
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts.exec(text) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  if (digits === '') return nearest
  const exponent = Number(power) - fraction.length + all.length
  const isNegative = sign === '-'
  const scaled = { value: BigInt(sign + digits), power: exponent - digits.length }
  const comparison = Number.isFinite(nearest)
    ? compareWithDouble(scaled, nearest)
    : -Math.sign(nearest)
  if (comparison === 0) return nearest
  if (scaled.power >= 0 && exponent <= 19) {
    const integer = scaled.value * 10n ** BigInt(scaled.power)
    if (BigInt.asIntN(64, integer) === integer) return integer
  }
  return { below: comparison > 0 ? nearest : doubleBefore(nearest), isNegative, digits, exponent }
}

/** The text of a decimal, as Decimal128 reads it. */
export const decimalText = ({ isNegative, digits, exponent }: Omit<Decimal, 'below'>): string =>
  `${isNegative ? '-' : ''}${digits}E${exponent - digits.length}`

const view = new DataView(new ArrayBuffer(8))

// A double is an integer times a power of 2: both sides are multiplied until they are integers.
function compareWithDouble(
  { value, power }: { readonly value: bigint; readonly power: number },
  double: number,
): number {
  if (double === 0) return value < 0n ? -1 : 1
  view.setFloat64(0, double)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xf_ffff_ffff_ffffn
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n)
  const binary = (biased === 0 ? 1 : biased) - 1075
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
  view.setFloat64(0, double)
  view.setBigUint64(0, view.getBigUint64(0) + (double > 0 ? -1n : 1n))
  return view.getFloat64(0)
}
