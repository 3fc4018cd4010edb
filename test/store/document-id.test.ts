// Ids: their order, their bytes, and that new ones are new.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  idFromPath,
  idKey,
  idOfKey,
  invalidId,
  isObjectId,
  newObjectId,
} from '../../src/store/document-id.ts'

describe('an id', () => {
  it('is an ObjectId where it is 24 lower-case hex digits, and a text elsewhere', () => {
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
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    const objectId = fc.stringMatching(/^[0-9a-f]{24}$/)
    const id = fc.oneof(text, objectId)
    fc.assert(
      fc.property(id, id, (left, right) => {
        assert.equal(idOfKey(idKey(left)), left)
        const byKey = Math.sign(Buffer.compare(idKey(left), idKey(right)))
        const rank = Number(isObjectId(left)) - Number(isObjectId(right))
        assert.equal(
          byKey,
          rank || Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right))),
        )
      }),
      { numRuns: 2000 },
    )
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
