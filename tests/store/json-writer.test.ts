// JSON from BSON: also of the types that only other programs write.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BSON } from 'mongodb'
import { JsonWriter } from '../../src/codec/json-writer.ts'

const json = (bson: Uint8Array) => {
  const writer = new JsonWriter(16)
  writer.document(bson)
  return writer.bytes.toString()
}

describe('the JSON writer', () => {
  it('writes the types that JSON lacks as Extended JSON, and what comes after them', () => {
    const oid = new BSON.ObjectId('0123456789abcdef01234567')
    const values: [unknown, string][] = [
      [new Date('2026-11-24T21:32:26.123Z'), '{"$date":"2026-11-24T21:32:26.123Z"}'],
      [oid, '{"$oid":"0123456789abcdef01234567"}'],
      [BSON.Decimal128.fromString('1.50'), '{"$numberDecimal":"1.50"}'],
      [new BSON.Binary(Buffer.from('abc')), '{"$binary":{"base64":"YWJj","subType":"00"}}'],
      [new BSON.BSONRegExp('a+', 'i'), '{"$regularExpression":{"pattern":"a+","options":"i"}}'],
      [new BSON.Timestamp({ t: 1, i: 2 }), '{"$timestamp":{"t":1,"i":2}}'],
      [new BSON.MinKey(), '{"$minKey":1}'],
      [new BSON.MaxKey(), '{"$maxKey":1}'],
      [new BSON.Code('f()'), '{"$code":"f()"}'],
      [new BSON.Code('f()', { a: 1 }), '{"$code":"f()","$scope":{"a":1}}'],
      [new BSON.BSONSymbol('s'), '{"$symbol":"s"}'],
      [new BSON.Double(Number.NaN), '{"$numberDouble":"NaN"}'],
      [new BSON.Double(Number.POSITIVE_INFINITY), '{"$numberDouble":"Infinity"}'],
      [new BSON.Double(-0), '-0'],
      [BSON.Long.fromString('-9223372036854775808'), '-9223372036854775808'],
      ['\u0000\u001f"\\ä\u{1F600}\u007f', '"\\u0000\\u001f\\"\\\\ä\u{1F600}\u007f"'],
      ['\b\t\n\f\r', '"\\b\\t\\n\\f\\r"'],
    ]
    for (const [value, text] of values) {
      assert.equal(
        json(BSON.serialize({ before: 1, value, list: [value], after: 'x' })),
        `{"before":1,"value":${text},"list":[${text}],"after":"x"}`,
      )
    }
  })

  it('writes an ObjectId as plain text only if it is the document’s _id', () => {
    const _id = new BSON.ObjectId('0123456789abcdef01234567')
    const text = '"0123456789abcdef01234567"'
    assert.equal(
      json(BSON.serialize({ _id, a: { _id } })),
      `{"_id":${text},"a":{"_id":{"$oid":${text}}}}`,
    )
    assert.equal(json(BSON.serialize({ _id: 5, a: {} })), '{"_id":5,"a":{}}')
  })

  it('reads the same when a document is part of a larger buffer', () => {
    const bson = BSON.serialize({ a: [1, { b: 'x' }] })
    const larger = Buffer.concat([Buffer.from('before'), bson, Buffer.from('after')])
    assert.equal(json(larger.subarray(6, 6 + bson.length)), '{"a":[1,{"b":"x"}]}')
  })

  it('refuses a type that BSON does not have', () => {
    const broken = Buffer.from(BSON.serialize({ a: 1 }))
    broken[4] = 0x55
    assert.throws(() => json(broken), /no type 0x55/)
  })

  it('grows, and starts again in the same memory', () => {
    const writer = new JsonWriter(16)
    const bson = BSON.serialize({ text: 'x'.repeat(1000) })
    for (let n = 0; n < 300; n++) writer.document(bson)
    assert.equal(writer.bytes.toString(), `{"text":"${'x'.repeat(1000)}"}`.repeat(300))
    const memory = writer.bytes.buffer
    writer.clear()
    assert.equal(writer.length, 0)
    writer.text('other')
    assert.equal(writer.bytes.toString(), 'other')
    assert.equal(writer.bytes.buffer, memory)
  })
})
