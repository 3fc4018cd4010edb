// JSON for tests: reads and writes every number by its decimal digits, not as a double.

/** A number as its source text; what JSON.parse would round stays apart. */
export class ExactNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Parses JSON. Numbers become their canonical decimal text, so that equal means the same number. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? canonical(context?.source ?? String(value)) : value,
  )
}

/** Writes JSON; an ExactNumber as its text, -0 as -0. */
export function stringifyExact(value: unknown): string {
  if (value instanceof ExactNumber) return value.text
  if (typeof value === 'bigint') return String(value)
  if (Object.is(value, -0)) return '-0'
  if (Array.isArray(value)) return `[${value.map(stringifyExact).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, member]) => `${JSON.stringify(key)}:${stringifyExact(member)}`,
    )
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value)
}

// 1.50e3, 1500 and 1500.0 are one number; 0 and -0 are two.
function canonical(text: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return `number ${sign}0`
  const exponent = Number(power) - fraction.length + digits.length - significant.length
  return `number ${sign}${significant}e${exponent}`
}
