// The beginning of a document's JSON, as the page shows it.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { BSON } from 'mongodb'
import { jsonOf, storedDocument } from '../../src/page/stored-document.ts'

it('shows the whole of a document that fits, whatever its types', () => {
  const list = Array.from({ length: 100 }, () => BSON.Decimal128.fromString('1.5'))
  const stored = storedDocument(BSON.serialize({ _id: 'a', list }))
  const expected = `{"_id":"a","list":[${Array(100).fill('{"$numberDecimal":"1.5"}').join()}]}`
  assert.deepEqual(jsonOf(stored, 8000), { json: expected, whole: true })
  assert.deepEqual(jsonOf(stored, 1000), { json: expected.slice(0, 1000), whole: false })
})
