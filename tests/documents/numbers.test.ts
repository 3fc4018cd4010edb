// Which numbers are kept: what a double or 64 bits stand for, by value and not by spelling.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { BSON, Double, Int32, Long } from 'mongodb'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { Refusal } from '../../src/codec/refusal.ts'

const parser = new DocumentParser()

async function kept(number: string): Promise<number | bigint> {
  const { bson } = await parser.parseDocument(Buffer.from(`{"n":${number}}`), 'x')
  const { n } = BSON.deserialize(bson, { promoteValues: false })
  if (n instanceof Long) return n.toBigInt()
  assert.ok(n instanceof Double || n instanceof Int32)
  return n.valueOf()
}

const isKept = (number: string) =>
  kept(number).then(
    () => true,
    (error) => {
      assert.ok(error instanceof Refusal && error.code === 'number_not_exact')
      return false
    },
  )

/** What C, C++, Go and Python print with %.17g. */
const inSeventeenDigits = (value: number) => value.toPrecision(17)

const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true })
const smallest = 2 ** -1022

describe('a number', () => {
  it('is kept in the 17 digits that other programs print, and comes back as the same double', async () => {
    const property = fc.asyncProperty(anyDouble, async (value) => {
      const [long, short] = [inSeventeenDigits(value), String(value)]
      for (const text of [long, short, Number(long).toExponential()]) {
        const back = await kept(Object.is(value, -0) ? `-${text.replace('-', '')}` : text)
        assert.equal(Number(back), value, text)
      }
    })
    await fc.assert(property, { numRuns: 3000 })
  })

  it('is kept whatever its 17 digits are, if a normal double is nearest', async () => {
    const digits = fc.tuple(
      fc.bigInt({ min: 1n, max: 10n ** 17n - 1n }),
      fc.integer({ min: -320, max: 290 }),
    )
    const property = fc.asyncProperty(digits, async ([number, exponent]) => {
      const text = `${number}e${exponent}`
      const value = Number(text)
      if (value >= smallest) assert.equal(await kept(text), value, text)
    })
    await fc.assert(property, { numRuns: 3000 })
  })

  it('of more digits is kept if and only if a double equals it', async () => {
    const exact = fc.tuple(anyDouble, fc.nat({ max: 9 }))
    const property = fc.asyncProperty(exact, async ([value, digit]) => {
      const text = allDigits(Math.abs(value))
      assert.equal(Number(await kept(text)), Math.abs(value), text)
      // One digit more, and it is another number.
      if (/\d\.\d{17}/.test(text) && digit > 0) assert.equal(await isKept(`${text}${digit}`), false)
    })
    await fc.assert(property, { numRuns: 2000 })
  })

  it('is kept in every spelling of the same value', async () => {
    const same: [string, number | bigint][] = [
      ['0.10000000000000001', 0.1],
      ['9223372036854775808', 2 ** 63],
      ['9223372036854775807', 2n ** 63n - 1n],
      ['-9223372036854775808', -(2n ** 63n)],
      ['18446744073709551616', 2 ** 64],
      ['10000000000000000000000', 1e22],
      [`1${'0'.repeat(300)}`, 1e300],
      [`0.5${'0'.repeat(5000)}`, 0.5],
      [`${'0.'}${'0'.repeat(300)}1`, 1e-301],
      [`5${'0'.repeat(400)}e-400`, 5],
      [`0.${'0'.repeat(400)}5e401`, 5],
      ['1.0', 1],
      ['0e999999999999', 0],
      ['5e-324', 5e-324],
      ['4.9406564584124654e-324', 5e-324],
      ['1.7976931348623157e308', Number.MAX_VALUE],
      [allDigits(5e-324), 5e-324],
      [allDigits(2 ** -1074 * 3), 1.5e-323],
      [allDigits(Number.MAX_VALUE), Number.MAX_VALUE],
    ]
    for (const [text, value] of same) {
      assert.equal(await kept(text), value, text.slice(0, 50))
    }
    for (const text of ['-0', '-0.0', '-0e5']) assert.ok(Object.is(await kept(text), -0), text)
  })

  it('is refused if it would come back as another, with words that are true', async () => {
    const refused = [
      '0.1234567890123456789',
      '0.100000000000000001',
      '12345678901234567890',
      '9223372036854775809',
      '-9223372036854775809',
      '1e309',
      '1e-400',
      '4e-324',
      '1.23456789e-320',
      '1e999999999999',
      '1e-999999999999',
      '1.7976931348623159e308',
      `${'9'.repeat(1e6)}`,
      `0.${'3'.repeat(1e6)}`,
      `1${'0'.repeat(1e6)}`,
    ]
    for (const text of refused) assert.equal(await isKept(text), false, text.slice(0, 50))
    await assert.rejects(
      kept(`-0.${'3'.repeat(1000)}`),
      /^Refusal: At \/n: -0\.3{38}\.\.\. is not an integer of 64 bits, and a double has 17 digits/,
    )
  })
})

/** The double written out whole: mantissa times 5 ** -power, shifted by the point. */
function allDigits(value: number): string {
  if (Number.isInteger(value)) return String(BigInt(value))
  let power = 0
  let scaled = value
  // Times two is exact until the value is an integer.
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    power++
  }
  const digits = (BigInt(scaled) * 5n ** BigInt(power)).toString().padStart(power + 1, '0')
  return `${digits.slice(0, -power)}.${digits.slice(-power)}`
}
