// The beginning of a document's JSON, as the page shows it.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { BSON } from 'mongodb'
import { textOfBson } from '../../src/codec/document-text.ts'
import { previewDocument } from '../../src/page/document-preview.ts'

it('shows the whole of a document that fits, whatever its types', async () => {
  const list = Array.from({ length: 100 }, () => BSON.Decimal128.fromString('1.5'))
  const text = textOfBson({ id: 'a', bson: BSON.serialize({ _id: 'a', list }) })
  const expected = `{"_id":"a","list":[${Array(100).fill('{"$numberDecimal":"1.5"}').join()}]}`
  const fits = await previewDocument(text, 8000)
  assert.deepEqual([fits.json, fits.whole], [expected, true])
  const cut = await previewDocument(text, 1000)
  assert.deepEqual([cut.json, cut.whole], [expected.slice(0, 1000), false])
})
