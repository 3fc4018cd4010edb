// For any JSON value: what is accepted is read back equal, what is refused names its place.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DocumentParser } from '../../src/documents/document-parser.ts'
import { Problem } from '../../src/http/problem.ts'
import { JsonWriter } from '../../src/store/json-writer.ts'
import { anyDocument, withFault } from '../any-json.ts'
import { countries } from '../countries.ts'
import { parseExact, stringifyExact } from '../exact-json.ts'

const parser = new DocumentParser()

function written(text: string): string {
  const { bson } = parser.parseDocument(Buffer.from(text), 'the-id')
  const writer = new JsonWriter()
  writer.document(bson)
  return writer.bytes.toString()
}

function withoutId(value: unknown): unknown {
  assert.ok(typeof value === 'object' && value !== null)
  const { _id, ...rest } = { ...value, _id: undefined }
  return rest
}

describe('a document on its way in and out', () => {
  it('comes back equal, whatever it holds', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const text = stringifyExact(document)
        assert.deepEqual(withoutId(parseExact(written(text))), parseExact(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps every double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = stringifyExact({ value })
        assert.deepEqual(withoutId(parseExact(written(text))), parseExact(text))
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps every 64-bit integer', () => {
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    fc.assert(
      fc.property(integer, (value) => {
        assert.equal(written(`{"value":${value}}`), `{"_id":"the-id","value":${value}}`)
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps a number of any digits or refuses it, but never changes it', () => {
    const digits = fc.stringMatching(
      /^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?$/,
    )
    fc.assert(
      fc.property(digits, (number) => {
        const text = `{"value":${number}}`
        try {
          assert.deepEqual(withoutId(parseExact(written(text))), parseExact(text))
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          assert.equal(error.code, 'number_not_exact')
          assert.equal(error.details.pointer, '/value')
        }
      }),
      { numRuns: 10_000 },
    )
  })

  it('keeps characters of every Unicode plane', () => {
    for (let plane = 0; plane <= 16; plane++) {
      const points = [0x20, 0xff, 0x100, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xfffe, 0xffff]
      const text = points.map((point) => String.fromCodePoint(plane * 0x10000 + point)).join('')
      const body = JSON.stringify({ [text]: text })
      assert.deepEqual(withoutId(JSON.parse(written(body))), JSON.parse(body))
    }
  })

  it('names the place of what it refuses, wherever that is', () => {
    fc.assert(
      fc.property(withFault, ({ text, code, pointer }) => {
        assert.throws(
          () => parser.parseDocument(Buffer.from(text), 'the-id'),
          (error) => {
            assert.ok(error instanceof Problem)
            assert.deepEqual([error.code, error.details.pointer], [code, pointer])
            return true
          },
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('takes no text that JSON.parse would not, and refuses none that it would for its syntax', () => {
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
    fc.assert(
      fc.property(anyText, (text) => {
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        let syntax = true
        try {
          parser.parseBody(Buffer.from(text))
        } catch (error) {
          assert.ok(error instanceof Problem)
          syntax = error.code !== 'invalid_json'
          // A fault that is found before the end hides a later fault in the syntax.
          if (syntax && error.code !== 'not_an_object') return
        }
        assert.equal(syntax, valid, JSON.stringify(text))
      }),
      { numRuns: 20_000 },
    )
  })

  it('keeps every country of the world', () => {
    assert.ok(countries.length >= 250)
    for (const country of countries) {
      assert.deepEqual(withoutId(JSON.parse(written(JSON.stringify(country)))), country)
    }
  })
})
