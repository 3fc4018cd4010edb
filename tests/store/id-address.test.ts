// The address of every _id that MongoDB can hold leads back to it.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  Binary,
  BSON,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
} from 'mongodb'
import { idFromPath } from '../../src/codec/document-id.ts'
import { idOfBson, idValue } from '../../src/codec/stored-id.ts'

describe('the address of an _id', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '.', '..', 'true', 'null', '"null"', '"\\"null\\""', '{}', '{"a":true}'),
    fc.stringMatching(/^[0-9a-fA-F]{24}$/),
    fc.boolean(),
    fc.constant(null),
    fc.integer().map((value) => new Int32(value)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
    fc.double().map((value) => new Double(value)),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array().map((bytes) => new Binary(bytes)),
    fc.integer().map((value) => Decimal128.fromString(`${value}E-7`)),
    fc.stringMatching(/^[0-9a-f]{24}$/).map((hex) => new ObjectId(hex)),
    fc.constantFrom(new MinKey(), new MaxKey(), new BSONSymbol('s"'), new Code('"}')),
  )
  const key = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((text) => !/^\$|\0/.test(text)),
    fc.constantFrom('2', '1', '.1', '__proto__', '"', 'a'),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, leaf, tie('object')),
    object: fc
      .array(fc.tuple(key, fc.oneof(tie('value'), fc.array(leaf))))
      .map((entries) => new Map(entries)),
  }))

  it('leads back to the same bytes, whatever the _id is', () => {
    fc.assert(
      fc.property(value, (id) => {
        const stored = BSON.serialize({ _id: id })
        const path = encodeURIComponent(idOfBson(stored))
        const found = BSON.serialize({ _id: idValue(idFromPath(decodeURIComponent(path))) })
        assert.equal(Buffer.from(found).toString('hex'), Buffer.from(stored).toString('hex'), path)
      }),
      { numRuns: 3000 },
    )
  })
})
