// Whether a value of a document, as it stands in canonical JSON, satisfies the test of a condition.
import { isObjectId } from '../codec/document-id.ts'
import { compareNumbers, compareText, escapedText, isAt, TextSearch } from './compare.ts'
import { type ExactNumber, isNumber, type Scalar, type Test } from './filter.ts'

/** A test made ready. Objects and arrays satisfy only one that takes anything. */
export interface ValueTest {
  readonly anything: boolean
  /** The literals that satisfy it, by their first letter. */
  readonly literals: string
  readonly number: ((value: ExactNumber) => boolean) | undefined
  /** The text stands between quotes from `start` to `end`. */
  readonly text: ((json: Buffer, start: number, end: number) => boolean) | undefined
  /** In place of `text`: looks for a text in it, which may take several turns. */
  readonly search?: TextSearch
  /** Whether an _id of 24 hex digits is taken as well: it is an ObjectId, and no text. */
  readonly objectId: boolean
}

const none: ValueTest = {
  anything: false,
  literals: '',
  number: undefined,
  text: undefined,
  objectId: false,
}

/** Makes the test ready. */
export function prepareTest(test: Test): ValueTest {
  switch (test.op) {
    case 'exists':
      return { ...none, anything: true }
    case 'in':
      return oneOf(test.values)
    case 'prefix': {
      const wanted = escapedText(test.value)
      return { ...none, text: (json, start, end) => isAt(json, start, end, wanted) }
    }
    case 'contains':
      return { ...none, search: new TextSearch(escapedText(test.value)) }
    default:
      return ordered(signsOf[test.op], test.value)
  }
}

function oneOf(values: readonly Scalar[]): ValueTest {
  const literals = values
    .map((value) => (value === null ? 'n' : value === true ? 't' : value === false ? 'f' : ''))
    .join('')
  const numbers = values.filter(isNumber)
  const texts = values.filter((value) => typeof value === 'string').map(escapedText)
  return {
    ...none,
    literals,
    number: numbers.length === 0 ? undefined : isAmongNumbers(numbers),
    text: texts.length === 0 ? undefined : isAmongTexts(texts),
    objectId: true,
  }
}

// A large integer may be a bigint on one side and a double on the other.
function isAmongNumbers(numbers: readonly ExactNumber[]): (value: ExactNumber) => boolean {
  const known = new Set<ExactNumber>(numbers)
  for (const number of numbers) {
    if (typeof number === 'bigint') {
      const double = Number(number)
      if (BigInt(double) === number) known.add(double)
    } else if (Number.isInteger(number)) known.add(BigInt(number))
  }
  return (value) => known.has(value)
}

// By their length, then by half: a hundred of one length are decided in seven comparisons.
function isAmongTexts(texts: readonly Buffer[]): NonNullable<ValueTest['text']> {
  const known = Map.groupBy(texts, ({ length }) => length)
  for (const same of known.values()) same.sort(Buffer.compare)
  return (json, start, end) => {
    const same = known.get(end - start)
    if (same === undefined) return false
    let [low, high] = [0, same.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const comparison = compareBytes(json, start, same[middle])
      if (comparison === 0) return true
      if (comparison < 0) high = middle - 1
      else low = middle + 1
    }
    return false
  }
}

// With as many bytes as the other has.
function compareBytes(json: Buffer, start: number, other: Buffer | undefined): number {
  for (let at = 0; other && at < other.length; at++) {
    const difference = (json[start + at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

// The signs of a comparison that satisfy the operator.
const signsOf = { gt: [1, 1], gte: [0, 1], lt: [-1, -1], lte: [-1, 0] } as const

function ordered(
  [least, most]: readonly [number, number],
  operand: string | ExactNumber,
): ValueTest {
  const holds = (comparison: number) => {
    const sign = Math.sign(comparison)
    return sign >= least && sign <= most
  }
  if (typeof operand !== 'string') {
    return { ...none, number: (value) => holds(compareNumbers(value, operand)) }
  }
  const utf8 = Buffer.from(operand)
  return {
    ...none,
    text: (json, start, end) => holds(compareText(json, start, end, utf8)),
    objectId: isObjectId(operand),
  }
}
