// Ids: their order, their bytes, and that new ones are new.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  idFromPath,
  idKey,
  idOfKey,
  idOfText,
  idText,
  invalidId,
  isObjectId,
  newObjectId,
} from '../../src/codec/document-id.ts'

describe('an id', () => {
  it('is an ObjectId if it is 24 lower-case hex digits, and a text otherwise', () => {
    assert.equal(isObjectId('0123456789abcdef01234567'), true)
    assert.equal(isObjectId('0123456789ABCDEF01234567'), false)
    assert.equal(isObjectId('0123456789abcdef0123456'), false)
    assert.equal(idFromPath('0123456789ABCDEF01234567'), '0123456789abcdef01234567')
    assert.equal(idFromPath('ABC'), 'ABC')
  })

  it('is greater than every one before it, even when the clock steps back', (t) => {
    const made = Array.from({ length: 50_000 }, newObjectId)
    t.mock.timers.enable({ apis: ['Date'], now: 1_000_000_000 })
    made.push(...Array.from({ length: 1000 }, newObjectId))
    t.mock.timers.setTime(Date.now() + 10_000)
    made.push(...Array.from({ length: 1000 }, newObjectId))
    assert.ok(made.every(isObjectId))
    for (let n = 1; n < made.length; n++) assert.ok((made[n - 1] ?? '') < (made[n] ?? ''), `${n}`)
  })

  it('comes back from its key, and keys sort as MongoDB sorts ids', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map(idOfText)
    const objectId = fc.stringMatching(/^[0-9a-f]{24}$/)
    const id = fc.oneof(text, objectId)
    fc.assert(
      fc.property(id, id, (left, right) => {
        assert.equal(idOfKey(idKey(left)), left)
        const byKey = Math.sign(Buffer.compare(idKey(left), idKey(right)))
        const rank = Number(isObjectId(left)) - Number(isObjectId(right))
        assert.equal(
          byKey,
          rank || Math.sign(Buffer.compare(Buffer.from(idText(left)), Buffer.from(idText(right)))),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('is itself as an address, and a JSON string if that would be read as something else', () => {
    for (const text of [
      '1',
      'a',
      '{"$ne":null}',
      '{"a":1}',
      '"a"',
      'null ',
      'True',
      '{',
      '"',
      '[1]',
    ])
      assert.equal(idOfText(text), text)
    for (const text of [
      '',
      '.',
      '..',
      'true',
      'null',
      '{}',
      '{"a":"b"}',
      '{"$numberInt":"1"}',
      '"null"',
    ])
      assert.equal(idOfText(text), JSON.stringify(text))
    const anyText = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.json(),
      fc.json().map(JSON.stringify),
    )
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(idText(idOfText(text)), text)
        assert.equal(idFromPath(idOfText(text)), idOfText(text))
      }),
    )
  })

  it('has its place among the texts and the ObjectIds if no document of the embedded store has it', () => {
    const inOrder = ['null', '{"$numberInt":"1"}', 'a', '{"a":true}', '0'.repeat(24), 'true']
    const keys = [...inOrder, '{"$date":{"$numberLong":"5"}}'].map(idKey)
    for (let n = 1; n < keys.length; n++) {
      assert.ok(Buffer.compare(keys[n - 1] ?? Buffer.of(), keys[n] ?? Buffer.of()) <= 0, `${n}`)
    }
  })

  it('says why a text cannot be one', () => {
    const faults: [string, RegExp][] = [
      ['', /empty/],
      ['a'.repeat(257), /256 bytes/],
      ['\ud800', /surrogate/],
      ['.', /No URL/],
      ['..', /No URL/],
      ['0123456789ABCDEF01234567', /lower case/],
    ]
    for (const [id, why] of faults) assert.match(invalidId(id) ?? '', why)
    for (const id of ['a', '...', 'ä'.repeat(128), newObjectId()])
      assert.equal(invalidId(id), undefined)
  })
})
