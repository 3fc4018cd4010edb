// Arbitrary text and JSON documents for property tests, with and without something that cannot be kept.
import fc from 'fast-check'
import type { ProblemCode } from '../../src/http/problem.ts'
import { ExactNumber, stringifyExact } from './exact-json.ts'

const surrogates = { from: 0xd800, count: 0x800 }

function indexOf(text: unknown): number {
  const point = typeof text === 'string' ? text.codePointAt(0) : undefined
  if (point === undefined || String.fromCodePoint(point) !== text)
    throw new TypeError('no code point')
  return point < surrogates.from ? point : point - surrogates.count
}

/** As the unit 'binary', whose table of all 1.1 million code points took 1.0 s of each test file that had one. */
const codePoint = fc
  .integer({ min: 0, max: 0x10ffff - surrogates.count })
  .map(
    (index) => String.fromCodePoint(index < surrogates.from ? index : index + surrogates.count),
    indexOf,
  )

/** Any text without half a surrogate pair. */
export const anyText = (constraints: Omit<fc.StringConstraints, 'unit'> = {}) =>
  fc.string({ unit: codePoint, ...constraints })

const text = fc.oneof(
  anyText({ maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    '3',
    '10',
    'a.b',
    'a$',
    '\u0000',
    '"\\/\b\f\n\r\t',
    '_id',
  ),
)

const key = text.filter((name) => !name.startsWith('$') && !name.includes('\u0000'))

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0, -0, 1e21, 5e-324, Number.MAX_VALUE, 0.1, 9007199254740993n),
)

const { value } = fc.letrec<{ value: unknown; list: unknown[]; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    number,
    text,
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 6 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 24 }),
}))

/** Any document that the service keeps; its own _id left out. */
export const anyDocument = fc.dictionary(
  key.filter((name) => name !== '_id'),
  value,
  { maxKeys: 24 },
)

const faults: readonly (readonly [ProblemCode, unknown])[] = [
  ['number_not_exact', new ExactNumber('1e400')],
  ['number_not_exact', new ExactNumber('1e-400')],
  ['number_not_exact', new ExactNumber('12345678901234567891')],
  ['lone_surrogate', '\ud800'],
  ['lone_surrogate', 'x\udfff'],
]

export interface FaultyDocument {
  readonly text: string
  readonly code: ProblemCode
  readonly pointer: string
}

/** A document with one thing that cannot be kept, at a known place. */
export const withFault: fc.Arbitrary<FaultyDocument> = fc
  .record({
    steps: fc.array(
      fc.oneof(
        key.filter((name) => name !== '_id'),
        fc.nat({ max: 3 }),
      ),
      {
        minLength: 1,
        maxLength: 8,
      },
    ),
    fault: fc.constantFrom(...faults),
  })
  .filter(({ steps }) => typeof steps[0] === 'string')
  .map(({ steps, fault: [code, bad] }) => {
    const document = steps.reduceRight<unknown>(
      (inner, step) =>
        typeof step === 'string'
          ? new Map([
              ['before', 1],
              [`${step}`, inner],
            ])
          : [...Array.from({ length: step }, () => 0), inner],
      bad,
    )
    const pointer = steps
      .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('')
    return { text: stringifyMaps(document), code, pointer }
  })
  .filter(({ pointer }) => !pointer.split('/').includes('before'))

// Maps, so that a step named 3 or __proto__ stays behind `before`.
function stringifyMaps(node: unknown): string {
  if (node instanceof Map) {
    const members = [...node].map(
      ([name, member]) => `${JSON.stringify(name)}:${stringifyMaps(member)}`,
    )
    return `{${members.join(',')}}`
  }
  return Array.isArray(node) ? `[${node.map(stringifyMaps).join(',')}]` : stringifyExact(node)
}
