// JSON laid out for people is the same JSON.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { prettyHtml, prettyJson } from '../../src/page/pretty-json.ts'
import { anyDocument } from '../any-json.ts'
import { parseExact, stringifyExact } from '../exact-json.ts'

describe('JSON laid out for people', () => {
  it('has a member a line and short lists on one', () => {
    assert.equal(
      prettyJson('{"a":1,"list":[1,-2.5e3,"x"],"none":{},"no":[],"of":[{"b":null}]}'),
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

  it('breaks a list that is too long for a line', () => {
    const list = Array.from({ length: 30 }, (_, index) => index)
    assert.equal(prettyJson(JSON.stringify({ list })), JSON.stringify({ list }, null, 2))
  })

  it('keeps numbers as they were written and keys in their order', () => {
    const text = prettyJson('{"3":9007199254740993,"1":-0,"2":1.0,"x":1E2}')
    assert.deepEqual(text.match(/"3"|"1"|"2"|"x"/g), ['"3"', '"1"', '"2"', '"x"'])
    for (const number of ['9007199254740993', '-0', '1.0', '1E2']) assert.ok(text.includes(number))
  })

  it('is the same document, whatever the document', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const json = stringifyExact(document)
        assert.deepEqual(parseExact(prettyJson(json)), parseExact(json))
      }),
    )
  })

  it('lays out what there is of a text that is cut off', () => {
    assert.equal(prettyJson('{"a":{"b":"cut o'), '{\n  "a": {\n    "b": "cut o')
    assert.equal(prettyJson('{"a":"\\'), '{\n  "a": "\\')
  })

  it('marks the lines that it is told to', () => {
    const { markup } = prettyHtml('{"a":1,"b":2}', (line) => line.includes('"b"'))
    assert.equal(markup.match(/<mark>.*<\/mark>/g)?.length, 1)
    assert.match(markup, /<mark>.*"b".*<\/mark>/)
  })
})
