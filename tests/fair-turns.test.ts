// Long streams take turns, and leave the event loop to others between them.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createFairTurns } from '../src/fair-turns.ts'

it('lets N go on in each turn of the event loop, in order, until all have', async () => {
  const turn = createFairTurns(() => 2)
  const done: number[] = []
  const calls = [0, 1, 2, 3, 4].map(async (n) => {
    await turn()
    done.push(n)
  })
  await Promise.resolve()
  assert.deepEqual(done, [])
  const counts: number[] = []
  while (done.length < 5) {
    await nextTurn()
    counts.push(done.length)
  }
  assert.deepEqual(counts, [2, 4, 5])
  await Promise.all(calls)
  assert.deepEqual(done, [0, 1, 2, 3, 4])
  await turn()
})
