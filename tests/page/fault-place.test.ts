// A fault of a document is shown where it is in the text.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { orTextProblem } from '../../src/documents/store-problem.ts'
import { Problem } from '../../src/http/problem.ts'
import { findFaultPlace } from '../../src/page/fault-place.ts'

const parser = new DocumentParser()

/** The text from the place of the fault on. */
async function faultIn(text: string): Promise<string | undefined> {
  try {
    await orTextProblem(parser.parseBody(Buffer.from(text)))
  } catch (error) {
    assert.ok(error instanceof Problem)
    const place = await findFaultPlace(error, text)
    if (!place) return undefined
    const lines = text.split('\n')
    const column = [...(lines[place.line - 1] ?? '')].slice(place.column - 1).join('')
    const rest = text.slice(place.offset)
    assert.ok(rest.startsWith(column), 'line and column name the same place as the offset')
    return rest
  }
  return assert.fail('there is no fault')
}

describe('the place of a fault', () => {
  it('is the first character at which the text stops being JSON', async () => {
    assert.equal(await faultIn('{"a": 1,\n  "b": oops}'), 'oops}')
    assert.equal(await faultIn('{"😀": 1, x}'), 'x}')
    assert.equal(await faultIn('{"a": 1'), '')
  })

  it('is the member that a JSON Pointer names', async () => {
    assert.equal(await faultIn('{"a": {"b/c~d": [1, 1e999]}}'), '1e999]}}')
    assert.equal(await faultIn('{"a": {"$x": 1}}'), '"$x": 1}}')
    assert.equal(
      await faultIn('{"\\u0061": [{}, {"n": 12345678901234567890}]}'),
      '"n": 12345678901234567890}]}',
    )
    assert.equal(await faultIn('{"n": 1, "_id": 7}'), '"_id": 7}')
  })

  it('is the second of two equal keys', async () => {
    assert.equal(await faultIn('{"a": 1, "b": {"a": 2, "a": 3}, "c": 1}'), '"a": 3}, "c": 1}')
    assert.equal(await faultIn('{"a": 1,\n"a": 2}'), '"a": 2}')
  })

  it('is the beginning if the whole is not a document', async () => {
    assert.equal(await faultIn('  17'), '17')
    assert.equal(await faultIn(' "text"'), '"text"')
  })

  it('is nowhere for a problem that is not about the text', async () => {
    assert.equal(await findFaultPlace(new Problem('store_unavailable', 'away'), '{}'), undefined)
    assert.equal(
      await findFaultPlace(new Problem('duplicate_id', 'there', { pointer: '/_id' }), '{}'),
      undefined,
    )
  })

  it('is found below any number of levels and items, and under a key of any length', async () => {
    const levels = 95
    const deep = `${'{"a":'.repeat(levels)}[${'1,'.repeat(100_000)}1e999]${'}'.repeat(levels)}`
    assert.equal(await faultIn(deep), `1e999]${'}'.repeat(levels)}`)
    const keys = Array.from({ length: 10_000 }, (_, n) => `"\\u0061${n}":{"b":[${n}]}`).join(',\n')
    assert.equal(await faultIn(`{${keys},"c":[{},{"d":1e999}]}`), '"d":1e999}]}')
    const long = 'k'.repeat(50_000)
    assert.equal(await faultIn(`{"a": 1, "${long}": 1e999}`), `"${long}": 1e999}`)
  })
})
