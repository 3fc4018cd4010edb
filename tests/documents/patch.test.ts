// Patches of one document take turns, and leave turns to everything else.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createDocumentTurns } from '../../src/documents/patch.ts'

describe('patches of one document', () => {
  it('run in the order in which they came, in a turn of the event loop each', async () => {
    const inTurn = createDocumentTurns()
    let turn = 0
    let done = false
    const count = () => {
      turn++
      if (!done) setImmediate(count)
    }
    setImmediate(count)
    const ran: { patch: number; turn: number }[] = []
    const patches = Array.from({ length: 8 }, (_, patch) =>
      inTurn('a', async () => ran.push({ patch, turn })),
    )
    await Promise.all(patches)
    done = true
    assert.deepEqual(
      ran.map(({ patch }) => patch),
      [0, 1, 2, 3, 4, 5, 6, 7],
    )
    assert.equal(new Set(ran.map(({ turn }) => turn)).size, 8)
  })

  it('run though one before them failed, and those of another document do not wait', async () => {
    const inTurn = createDocumentTurns()
    const order: string[] = []
    const run = (id: string, name: string) => inTurn(id, async () => order.push(name))
    const failed = inTurn('a', () => Promise.reject(new Error('it is away')))
    const [after, other] = [run('a', 'after'), run('b', 'other')]
    await assert.rejects(failed, /it is away/)
    await Promise.all([after, other])
    assert.deepEqual(order, ['other', 'after'])
  })
})
