// JSON for tests: reads and writes every number by its value, as an integer of 64 bits or a double.

/** A number as its source text; what JSON.parse would round stays apart. */
export class ExactNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Parses JSON. Numbers become one text each, so that equal means the same number. */
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

/** The members of a parsed object without its _id. */
export function withoutId(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object')
  const { _id, ...rest } = { ...value, _id: undefined }
  return rest
}

// As what the service promises: an integer of 64 bits, or else the nearest double. 0 and -0 are two.
function canonical(text: string): string {
  const double = Number(text)
  if (Object.is(double, -0)) return 'number -0'
  const integer = /^-?\d+$/.test(text) ? BigInt(text) : undefined
  if (integer !== undefined && integer === BigInt.asIntN(64, integer)) return `number ${integer}`
  return Number.isInteger(double) ? `number ${BigInt(double)}` : `number ${double}`
}
