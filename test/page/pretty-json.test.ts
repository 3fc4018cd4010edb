// JSON laid out for people is the same JSON.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { prettyHtml, prettyJson } from '../../src/page/pretty-json.ts'
import { anyDocument } from '../any-json.ts'
import { parseExact, stringifyExact } from '../exact-json.ts'

const pretty = async (json: string) => (await prettyJson(json, 1 << 20)) ?? ''

describe('JSON laid out for people', () => {
  it('has a member a line and short lists on one', async () => {
    assert.equal(
      await pretty('{"a":1,"list":[1,-2.5e3,"x"],"none":{},"no":[],"of":[{"b":null}]}'),
      `{
  "a": 1,
  "list": [1, -2.5e3, "x"],
  "none": {},
  "no": [],
  "of": [
    {
      "b": null
    }
  ]
}`,
    )
  })

  it('breaks a list that is too long for a line', async () => {
    const list = Array.from({ length: 30 }, (_, index) => index)
    assert.equal(await pretty(JSON.stringify({ list })), JSON.stringify({ list }, null, 2))
  })

  it('keeps numbers as they were written and keys in their order', async () => {
    const text = await pretty('{"3":9007199254740993,"1":-0,"2":1.0,"x":1E2}')
    assert.deepEqual(text.match(/"3"|"1"|"2"|"x"/g), ['"3"', '"1"', '"2"', '"x"'])
    for (const number of ['9007199254740993', '-0', '1.0', '1E2']) assert.ok(text.includes(number))
  })

  it('is the same document, whatever the document', async () => {
    await fc.assert(
      fc.asyncProperty(anyDocument, async (document) => {
        const json = stringifyExact(document)
        assert.deepEqual(parseExact(await pretty(json)), parseExact(json))
      }),
    )
  })

  it('lays out what there is of a text that is cut off', async () => {
    assert.equal(await pretty('{"a":{"b":"cut o'), '{\n  "a": {\n    "b": "cut o')
    assert.equal(await pretty('{"a":"\\'), '{\n  "a": "\\')
  })

  it('marks the lines that it is told to', async () => {
    const { html } = await prettyHtml('{"a":1,"b":2}', 1000, (line) => line.includes('"b"'))
    const { markup } = html
    assert.equal(markup.match(/<mark>.*<\/mark>/g)?.length, 1)
    assert.match(markup, /<mark>.*"b".*<\/mark>/)
  })

  it('ends with the last line that still has room', async () => {
    const json = JSON.stringify({ list: Array.from({ length: 100 }, (_, n) => n) })
    assert.equal(await prettyJson(json, 500), undefined)
    const { html, whole } = await prettyHtml(json, 500)
    assert.equal(whole, false)
    assert.ok(html.markup.length <= 500)
    assert.match(html.markup, /<var>\d+<\/var>,$/)
  })

  it('does not grow with the depth of a document', async () => {
    const json = `${'{"a":'.repeat(97)}[${'1,'.repeat(10_000)}1]${'}'.repeat(97)}`
    const text = await pretty(json)
    assert.deepEqual(JSON.parse(text), JSON.parse(json))
    assert.ok(text.length < 25 * json.length, `${text.length}`)
  })
})
