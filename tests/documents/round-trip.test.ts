// For any JSON value: what is accepted is read back equal, what is refused names its place.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { JsonWriter } from '../../src/codec/json-writer.ts'
import { Refusal } from '../../src/codec/refusal.ts'
import { anyDocument, withFault } from '../support/any-json.ts'
import { countries } from '../support/countries.ts'
import { parseExact, stringifyExact, withoutId } from '../support/exact-json.ts'

const parser = new DocumentParser()

async function written(text: string): Promise<string> {
  const { bson } = await parser.parseDocument(Buffer.from(text), 'the-id')
  const writer = new JsonWriter()
  writer.document(bson)
  return writer.bytes.toString()
}

describe('a document on its way in and out', () => {
  it('comes back equal, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(anyDocument, async (document) => {
        const text = stringifyExact(document)
        assert.deepEqual(withoutId(parseExact(await written(text))), parseExact(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps every double', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
        const text = stringifyExact({ value })
        assert.deepEqual(withoutId(parseExact(await written(text))), parseExact(text))
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps every 64-bit integer', async () => {
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    await fc.assert(
      fc.asyncProperty(integer, async (value) => {
        assert.equal(await written(`{"value":${value}}`), `{"_id":"the-id","value":${value}}`)
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps a number of any digits or refuses it, but never changes it', async () => {
    const digits = fc.stringMatching(
      /^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?$/,
    )
    await fc.assert(
      fc.asyncProperty(digits, async (number) => {
        const text = `{"value":${number}}`
        try {
          assert.deepEqual(withoutId(parseExact(await written(text))), parseExact(text))
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          assert.equal(error.code, 'number_not_exact')
          assert.equal(error.details.pointer, '/value')
        }
      }),
      { numRuns: 10_000 },
    )
  })

  it('keeps characters of every Unicode plane', async () => {
    for (let plane = 0; plane <= 16; plane++) {
      const points = [0x20, 0xff, 0x100, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xfffe, 0xffff]
      const text = points.map((point) => String.fromCodePoint(plane * 0x10000 + point)).join('')
      const body = JSON.stringify({ [text]: text })
      assert.deepEqual(withoutId(JSON.parse(await written(body))), JSON.parse(body))
    }
  })

  it('names the place of what it refuses, wherever that is', async () => {
    await fc.assert(
      fc.asyncProperty(withFault, async ({ text, code, pointer }) => {
        await assert.rejects(parser.parseDocument(Buffer.from(text), 'the-id'), (error) => {
          assert.ok(error instanceof Refusal)
          assert.deepEqual([error.code, error.details.pointer], [code, pointer])
          return true
        })
      }),
      { numRuns: 2000 },
    )
  })

  it('takes no text that JSON.parse would not, and refuses none that it would for its syntax', async () => {
    const alphabet = [
      ...'{}[],:"\\ \n\t0123.eE+-ntfu',
      'true',
      'null',
      '"a"',
      '"b":1',
      '{"c":',
      '\u0000',
      'ä',
    ]
    const anyText = fc
      .array(fc.constantFrom(...alphabet), { maxLength: 14 })
      .map((all) => all.join(''))
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        let syntax = true
        try {
          await parser.parseBody(Buffer.from(text))
        } catch (error) {
          assert.ok(error instanceof Refusal)
          syntax = error.code !== 'invalid_json'
          // A fault that is found before the end hides a later fault in the syntax.
          if (syntax && error.code !== 'not_an_object') return
        }
        assert.equal(syntax, valid, JSON.stringify(text))
      }),
      { numRuns: 20_000 },
    )
  })

  it('keeps every country of the world', async () => {
    assert.ok(countries.length >= 250)
    for (const country of countries) {
      assert.deepEqual(withoutId(JSON.parse(await written(JSON.stringify(country)))), country)
    }
  })
})
