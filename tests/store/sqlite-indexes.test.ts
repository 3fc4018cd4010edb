// The index keys of a document leave turns of the event loop to everything else.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { createEntryWriter, reconcileIndexes } from '../../src/store/sqlite-indexes.ts'

const entryWriter = () => {
  const db = new DatabaseSync(':memory:')
  const specs = [{ path: ['a'], unique: false }]
  return createEntryWriter(db, reconcileIndexes(db, specs))
}
const document = (values: number) =>
  Buffer.from(JSON.stringify({ a: Array.from({ length: values }, (_, n) => n) }))

describe('the index keys of documents', () => {
  it('are made for one document per turn of the event loop', async () => {
    const { prepare } = entryWriter()
    let made = 0
    const many = Array.from({ length: 8 }, async () => {
      const [keys] = await prepare(document(400))
      assert.equal(keys?.isMany, true)
      made++
    })
    for (let turn = 1; made < many.length; turn++) {
      await new Promise(setImmediate)
      assert.ok(made <= turn, `${made} in ${turn} turns`)
    }
    await Promise.all(many)
  })

  it('are made at once for one of 1 KiB', () => {
    const keys = entryWriter().prepare(document(3))
    assert.ok(!(keys instanceof Promise))
    assert.equal(keys[0]?.keys.size, 3)
  })
})
