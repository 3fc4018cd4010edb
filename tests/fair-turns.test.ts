// Long streams take turns, and leave the event loop to others between them.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createFairTurns, leaveTurnToConnections, turnWithTime } from '../src/fair-turns.ts'

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

it('lets short work go on in order, in each turn until that has taken 5 ms', async () => {
  let turn = 0
  const done: { n: number; turn: number }[] = []
  const calls = Array.from({ length: 9 }, async (_, n) => {
    await turnWithTime()
    for (const end = performance.now() + 3; performance.now() < end; );
    done.push({ n, turn })
  })
  while (done.length < calls.length) {
    await nextTurn()
    turn++
  }
  await Promise.all(calls)
  assert.deepEqual(
    done.map(({ n }) => n),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  )
  for (const { turn } of done) {
    const together = done.filter((each) => each.turn === turn).length
    assert.ok(together <= 2, `${together} of 3 ms in one turn`)
  }
})

it('leaves turns to connections before short work, but not all of them', async () => {
  await turnWithTime()
  leaveTurnToConnections()
  let isDone = false
  // In this turn others have had theirs.
  const busy = turnWithTime().then(() => {
    for (const end = performance.now() + 6; performance.now() < end; );
  })
  const waiting = turnWithTime().then(() => {
    isDone = true
  })
  let turns = 0
  for (; !isDone; turns++) {
    leaveTurnToConnections()
    await nextTurn()
  }
  await Promise.all([busy, waiting])
  assert.ok(turns >= 16 && turns <= 40, `${turns} turns`)
})
