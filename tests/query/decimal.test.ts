// Decimals, which only other programs write, in the order of numbers.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exactDecimal } from '../../src/query/decimal.ts'
import { KeyReader } from '../../src/query/key-reader.ts'
import { KeyWriter } from '../../src/query/sort-key.ts'
import { createRandom } from '../support/query/random.ts'

const keyOf = (json: string): Buffer => {
  const writer = new KeyWriter()
  writer.value(Buffer.from(json), 0)
  return Buffer.from(writer.bytes)
}
const decimalKey = (text: string) => keyOf(`{"$numberDecimal":"${text}"}`)

// The value times 10 to the power of 40, exactly.
function scaled(text: string): bigint {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/i.exec(text) ?? []
  const exponent = Number(power) - fraction.length + 40
  assert.ok(exponent >= 0, text)
  return BigInt(sign + whole + fraction) * 10n ** BigInt(exponent)
}

describe('a decimal', () => {
  it('is the number that a double or an integer has exactly, if one has', () => {
    for (const [text, value] of [
      ['1.50', 1.5],
      ['-0', 0],
      ['1E+3', 1000],
      ['9007199254740993', 9007199254740993n],
      ['-9223372036854775807', -9223372036854775807n],
      ['1E+22', 1e22],
      ['Infinity', Number.POSITIVE_INFINITY],
    ] as const) {
      assert.equal(exactDecimal(text), value, text)
    }
    assert.deepEqual(keyOf('1.5'), decimalKey('1.500'))
  })

  it('has its place among doubles, integers and other decimals', () => {
    const random = createRandom(3)
    const below = (count: number) => Math.floor(random() * count)
    const texts = [
      ...['0.1', '0.3', '-0.3', '1.1', '9007199254740992.5', '0.10000000000000001', '0'],
      ...Array.from({ length: 400 }, () => {
        const digits = Array.from({ length: 1 + below(30) }, () => below(10)).join('')
        return `${below(2) ? '-' : ''}${digits}E${below(40) - 30 - Math.max(0, digits.length - 25)}`
      }),
    ].filter((text) => Number(/E(-?\d+)/.exec(text)?.[1] ?? 0) >= -35)
    const decimals = texts.map((text) => ({ value: scaled(text), key: decimalKey(text), text }))
    // Doubles that are near them: a power of 2 makes them exact in a few digits.
    const doubles = Array.from({ length: 200 }, () => (below(2 ** 30) - 2 ** 29) / 2 ** below(30))
    const others = doubles.map((double) => ({
      value: scaled(double.toFixed(40)),
      key: keyOf(String(double)),
      text: String(double),
    }))
    const all = [...decimals, ...others]
    for (const left of all) {
      for (const right of all) {
        const expected = left.value < right.value ? -1 : left.value > right.value ? 1 : 0
        const found = Buffer.compare(left.key, right.key)
        assert.equal(found, expected, `${left.text} and ${right.text}`)
      }
    }
  })

  it('is read back from its key', () => {
    for (const [text, extended] of [
      ['0.10', '1E-1'],
      ['-0.3', '-3E-1'],
      ['1E-6000', '1E-6000'],
      ['-1E+400', '-1E400'],
    ] as const) {
      for (const inverted of [false, true]) {
        const key = decimalKey(text)
        if (inverted) for (let at = 0; at < key.length; at++) key[at] = (key[at] ?? 0) ^ 0xff
        const reader = new KeyReader(key)
        assert.deepEqual(reader.value(inverted), {
          kind: 'number',
          extended: `{"$numberDecimal":"${extended}"}`,
        })
        assert.equal(reader.at, key.length)
      }
    }
  })
})
