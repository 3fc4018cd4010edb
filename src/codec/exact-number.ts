// Which double stands for a decimal number, and whether it may.

/** A decimal number without its sign. */
export interface Decimal {
  /** The digits without leading and trailing zeros, empty for zero. */
  readonly digits: string
  /** The power of ten of the last digit. */
  readonly exponent: number
}

/** Any two doubles differ in 17 digits, so a program that prints 17 means the nearest one. */
const meantDigits = 17
/** No double has more significant digits, written out whole. */
export const maxDoubleDigits = 767

const smallestNormal = 2 ** -1022

/**
 * The double nearest to the number, if the number has at most 17 significant digits, or the double equals it.
 * Undefined otherwise: 1e400 is infinite, 1e-400 zero, and of 0.1234567890123456789 a double keeps 17 digits.
 */
export function nearestDouble({ digits, exponent }: Decimal): number | undefined {
  if (digits === '') return 0
  const value = Number(`${digits}e${exponent}`)
  if (!Number.isFinite(value) || value === 0) return undefined
  if (digits.length <= meantDigits) {
    // Below the normal doubles fewer digits are left, down to none: what is there must be what was meant.
    if (value >= smallestNormal || isRounded(value, { digits, exponent })) return value
  }
  return isEqual(value, { digits, exponent }) ? value : undefined
}

/** Whether the double, rounded to this many digits, is the number. */
function isRounded(value: number, { digits, exponent }: Decimal): boolean {
  const [mantissa = '', power = ''] = value.toExponential(digits.length - 1).split('e')
  return mantissa.replace('.', '') === digits && Number(power) - digits.length + 1 === exponent
}

// Integers of any size, but of a size that the digits alone set: 767 of them at most.
function isEqual(value: number, { digits, exponent }: Decimal): boolean {
  if (digits.length > maxDoubleDigits) return false
  if (exponent >= 0) {
    // 5 ** 23 is over 2 ** 53 already, so no double has it as a factor.
    if (exponent > 22) return false
    return BigInt(digits) * 10n ** BigInt(exponent) === BigInt(value)
  }
  // A fraction of a double is one of a power of two, so the digits have as many factors of 5 as places.
  if (-exponent * Math.log10(5) > digits.length) return false
  const { mantissa, power } = partsOfDouble(value)
  const left = mantissa * 10n ** BigInt(-exponent)
  return power >= 0
    ? left << BigInt(power) === BigInt(digits)
    : left === BigInt(digits) << BigInt(-power)
}

/** A positive double as mantissa * 2 ** power. */
export function partsOfDouble(value: number): { mantissa: bigint; power: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const exponent = Number(bits >> 52n)
  const fraction = bits & (2n ** 52n - 1n)
  return exponent === 0
    ? { mantissa: fraction, power: -1074 }
    : { mantissa: fraction | (2n ** 52n), power: exponent - 1075 }
}

const decimalPattern = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i

/** The number of a text such as -012.50e3; 0 if it is none. */
export function readDecimal(text: string): Decimal & { readonly isNegative: boolean } {
  const [, sign, whole = '', fraction = '', power = '0'] = decimalPattern.exec(text) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  const exponent = Number(power) - fraction.length + all.length - digits.length
  return { isNegative: sign === '-', digits, exponent }
}
