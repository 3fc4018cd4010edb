// A document written in pieces has the bytes of one written whole, and each piece stays within its limit.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { BSON } from 'mongodb'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { JsonWriter } from '../../src/codec/json-writer.ts'
import { anyDocument } from '../support/any-json.ts'
import { stringifyExact } from '../support/exact-json.ts'

const { Binary, Code, Double, serialize } = BSON
const overshoot = 25 * 1024

function whole(bson: Uint8Array): string {
  const writer = new JsonWriter()
  writer.document(bson)
  return writer.bytes.toString()
}

function pieces(bson: Uint8Array, limit: number): Buffer[] {
  const writer = new JsonWriter(16)
  const all: Buffer[] = []
  writer.begin(bson)
  for (let ended = false; !ended; ) {
    ended = writer.fill(limit)
    all.push(Buffer.from(writer.bytes))
    writer.clear()
  }
  return all
}

describe('a document in pieces', () => {
  it('is the same text, whatever it holds and wherever it stops', async () => {
    const parser = new DocumentParser()
    await fc.assert(
      fc.asyncProperty(anyDocument, fc.integer({ min: 1, max: 200 }), async (document, limit) => {
        const { bson } = await parser.parseDocument(Buffer.from(stringifyExact(document)), 'the-id')
        assert.equal(Buffer.concat(pieces(bson, limit)).toString(), whole(bson))
      }),
      { numRuns: 1000 },
    )
  })

  it('stops inside a text, a key and a binary of megabytes, and never holds more than a piece', () => {
    const size = 1 << 20
    const bytes = Buffer.from(Array.from({ length: size }, (_, at) => (at * at) % 251))
    const control = '\u0001'.repeat(size)
    const values: [value: unknown, text: string][] = [
      ['x'.repeat(size), `"${'x'.repeat(size)}"`],
      ['ä\u{1f600}'.repeat(size / 8), `"${'ä\u{1f600}'.repeat(size / 8)}"`],
      [control, `"${'\\u0001'.repeat(size)}"`],
      [{ ['"'.repeat(size)]: 1 }, `{"${'\\"'.repeat(size)}":1}`],
      [new Binary(bytes, 5), `{"$binary":{"base64":"${bytes.toString('base64')}","subType":"05"}}`],
      [new Code('y'.repeat(size)), `{"$code":"${'y'.repeat(size)}"}`],
    ]
    for (const [value, text] of values) {
      const all = pieces(serialize({ value, list: [value], after: 1 }), 64 * 1024)
      assert.ok(all.length > size / (64 * 1024))
      assert.ok(all.every(({ length }) => length < 64 * 1024 + overshoot))
      assert.equal(Buffer.concat(all).toString(), `{"value":${text},"list":[${text}],"after":1}`)
    }
  })

  it('begins with what a reader asks for, and the writer then takes another document', () => {
    const writer = new JsonWriter()
    writer.begin(serialize({ text: 'x'.repeat(1 << 20) }))
    assert.equal(writer.fill(8000), false)
    assert.ok(writer.length >= 8000 && writer.length < 8000 + overshoot)
    assert.match(writer.bytes.toString(), /^\{"text":"x+$/)
    writer.clear()
    writer.document(serialize({ a: [{}] }))
    assert.equal(writer.bytes.toString(), '{"a":[{}]}')
  })
})

describe('what the driver writes', () => {
  it('ends a piece sooner: it takes longer', () => {
    const list = Array.from({ length: 10_000 }, (_, n) => BSON.Decimal128.fromString(`${n}.5`))
    const bson = serialize({ list })
    const all = pieces(bson, 64 * 1024)
    assert.ok(all.length >= (list.length * 256) / (64 * 1024), `${all.length}`)
    assert.equal(Buffer.concat(all).toString(), whole(bson))
  })
})

describe('binary data', () => {
  it('is written as the driver writes it, whatever its length and subtype', () => {
    for (const subtype of [0, 1, 2, 3, 4, 5, 6, 0x80, 0xff]) {
      for (const length of [0, 1, 2, 3, 16, 4094, 4095, 4096, 10_000]) {
        const value = new Binary(Buffer.alloc(length, 0xa7), subtype)
        const text = BSON.EJSON.stringify({ value }, { relaxed: true })
        assert.equal(whole(serialize({ value })), text)
      }
    }
  })
})

describe('a date', () => {
  it('is written as the driver writes it, whenever it is', () => {
    const times = [0, 1, 999, 1000, -1, -62135596800000, 8.64e15, 253402300799999, 253402300800000]
    for (const time of [...times, Date.UTC(2026, 10, 24, 21, 32, 26, 120)]) {
      const value = new Date(time)
      const text = BSON.EJSON.stringify({ value }, { relaxed: true })
      assert.equal(whole(serialize({ value })), text)
    }
  })
})

describe('a double', () => {
  const text = (value: number) => whole(serialize({ value: new Double(value) })).slice(9, -1)

  it('is read back as the same double, whichever it is', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.ok(Object.is(Number(text(value)), value), `${value} ${text(value)}`)
      }),
      { numRuns: 20_000 },
    )
  })

  it('has all the digits of its integer up to 1e21, and no wrong ones', () => {
    const integer = fc
      .tuple(fc.double({ min: 1, max: 2, maxExcluded: true }), fc.integer({ min: 40, max: 70 }))
      .map(([mantissa, power]) => Math.trunc(mantissa * 2 ** power))
      .filter((value) => value < 1e21)
    fc.assert(
      fc.property(integer, fc.boolean(), (size, negative) => {
        const value = negative ? -size : size
        assert.equal(BigInt(text(value)), BigInt(value))
      }),
      { numRuns: 5000 },
    )
    for (const [value, expected] of [
      [2 ** 53, '9007199254740992'],
      [2 ** 63, '9223372036854775808'],
      [-(2 ** 64), '-18446744073709551616'],
      [1e20, '100000000000000000000'],
      [1e21 - 2 ** 17, '999999999999999868928'],
      [1e21, '1e+21'],
      [-0, '-0'],
      [5e-324, '5e-324'],
    ] as const) {
      assert.equal(text(value), expected)
    }
  })
})
