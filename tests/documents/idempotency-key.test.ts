// The _ids that an Idempotency-Key gives.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isObjectId } from '../../src/codec/document-id.ts'
import { idsOfKey } from '../../src/documents/idempotency-key.ts'

const key = '8e03978e-40d5-43e8-bc93-6894a57f9324'

describe('the ids of a key', () => {
  it('never change: a pod of one version must know those of the other', () => {
    const id = idsOfKey(key)
    const expected = ['38c2412dd12af6faedf78387', '0e23ad1833a5e0d4b082c861']
    assert.deepEqual([id(0), id(1)], expected)
    assert.equal(id(12), '1a8064a4ad5d903100e06356')
  })

  it('are ObjectIds, and differ between places and between keys', () => {
    const ids = [key, 'a', 'a1', '1'].flatMap((one) =>
      Array.from({ length: 1000 }, (_, n) => idsOfKey(one)(n)),
    )
    assert.ok(ids.every(isObjectId))
    assert.equal(new Set(ids).size, ids.length)
  })
})
