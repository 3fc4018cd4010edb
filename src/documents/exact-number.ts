// Whether a number survives: it is kept only where what comes back is the same decimal number.

/**
 * The double that a JSON number stands for, or undefined where a double cannot hold it: 1e400 is
 * infinite, 1e-400 is zero, 12345678901234567890 comes back as 12345678901234567000.
 * 0.1 is kept: the shortest text of its double is 0.1 again, which is what a reader gets.
 */
export function exactDouble(text: string): number | undefined {
  const value = Number(text)
  if (!Number.isFinite(value)) return undefined
  // Any 15 digits survive in a normal double (IEEE 754: 53 bits are 15.95 digits).
  if (text.length <= 15 && !/e/i.test(text)) return value
  const wanted = decimal(text)
  const kept = decimal(String(value))
  return wanted.digits === kept.digits && wanted.exponent === kept.exponent ? value : undefined
}

interface Decimal {
  /** The digits without leading and trailing zeros, empty for zero. */
  readonly digits: string
  /** The power of ten of the last digit. */
  readonly exponent: number
}

function decimal(text: string): Decimal {
  const [mantissa = '', power = '0'] = text.replace(/^-/, '').toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const significant = trimEnd(whole + fraction)
  const digits = trimStart(significant)
  if (digits === '') return { digits, exponent: 0 }
  const dropped = whole.length + fraction.length - significant.length
  return { digits, exponent: Number(power) - fraction.length + dropped }
}

// Loops, because /0+$/ takes quadratic time on a number of many zeros.
function trimEnd(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

function trimStart(digits: string): string {
  let start = 0
  while (start < digits.length && digits[start] === '0') start++
  return digits.slice(start)
}
