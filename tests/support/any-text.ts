// Arbitrary text of any code points, for property tests.
import fc from 'fast-check'

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
