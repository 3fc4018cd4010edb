// JSON laid out for people is the same JSON.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { preformatted, prettyHtml, prettyJson } from '../../src/page/pretty-json.ts'
import { anyDocument } from '../support/any-json.ts'
import { parseExact, stringifyExact } from '../support/exact-json.ts'

const pretty = async (json: string) => (await prettyJson(json, 1 << 20)) ?? ''

describe('JSON laid out for people', () => {
  it('has one member per line, and a short list on one line', async () => {
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

  it('shows what cannot be seen, or turns the direction of a text, as its escape', async () => {
    const json = '{"a\u200b":"x\u202ey","flag":"\ufeff","both":["\u2066"],"tag":"\u{e0041}"}'
    const text = await pretty(json)
    assert.match(text, /"a\\u200b": "x\\u202ey"/)
    assert.match(text, /"tag": "\\udb40\\udc41"/)
    assert.deepEqual(parseExact(text), parseExact(json))
    const { lines } = await prettyHtml(json, 1000)
    assert.doesNotMatch(lines.join(''), /[\u200b\u202e\ufeff\u2066]/)
    const seen =
      '{"a":"\u05e9\u05dc\u05d5\u05dd \u2764\ufe0f \u{1f469}\u200d\u{1f469}\u200d\u{1f467} 1\ufe0f\u20e3"}'
    assert.deepEqual(await pretty(seen), JSON.stringify(JSON.parse(seen), null, 2))
  })

  it('counts the rows, of which a long line has several', async () => {
    const { rows, lines } = await prettyHtml(`{"a":1,"b":"${'x'.repeat(800)}"}`, 2000)
    assert.deepEqual([lines.length, rows], [4, 14])
  })

  it('ends with the last line that still has room', async () => {
    const json = JSON.stringify({ list: Array.from({ length: 100 }, (_, n) => n) })
    assert.equal(await prettyJson(json, 500), undefined)
    const { lines, whole } = await prettyHtml(json, 500)
    const { markup } = preformatted(lines)
    assert.equal(whole, false)
    assert.ok(markup.length <= 500)
    assert.match(markup, /<var>\d+<\/var>,$/)
  })

  it('does not grow with the depth of a document', async () => {
    const json = `${'{"a":'.repeat(97)}[${'1,'.repeat(10_000)}1]${'}'.repeat(97)}`
    const text = await pretty(json)
    assert.deepEqual(JSON.parse(text), JSON.parse(json))
    assert.ok(text.length < 25 * json.length, `${text.length}`)
  })
})
