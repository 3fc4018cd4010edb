// A turn of the event loop is shared: nobody waits for all requests of another client.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { leaveTurnToConnections } from '../../src/fair-turns.ts'
import { createRequestTurns } from '../../src/http/request-turns.ts'

// A request is a function that is called when it begins, and has 64 KiB if it is heavy.
const large = 64 * 1024
const heavy = new WeakSet<() => void>()
const makeTurns = () =>
  createRequestTurns<() => void>(
    (begin) => begin(),
    (begin) => (heavy.has(begin) ? large : 0),
  )
const makeHeavy = (begin: () => void) => {
  heavy.add(begin)
  return begin
}

const work = (milliseconds: number) => {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

describe('turns', () => {
  it('begin requests at once while a turn has time, and the others in later ones, in their order', async () => {
    const turns = makeTurns()
    let turn = 0
    const begun: { n: number; turn: number }[] = []
    for (let n = 0; n < 12; n++) {
      turns.begin(() => {
        work(2)
        begun.push({ n, turn })
      })
    }
    assert.ok(begun.length > 0 && begun.length <= 3, `${begun.length} at once`)
    while (turns.waiting > 0) {
      await nextTurn()
      turn++
    }
    assert.deepEqual(
      begun.map(({ n }) => n),
      [...Array(12).keys()],
    )
    // What is left of the first turn has its own share, as reading and what follows it in each have.
    for (const { turn } of begun) {
      const together = begun.filter((each) => each.turn === turn).length
      assert.ok(together <= (turn === 0 ? 6 : 3), `${together} of 2 ms in a turn`)
    }
  })

  it('count what a request does after a promise', async () => {
    const turns = makeTurns()
    let [begun, most] = [0, 0]
    for (let n = 0; n < 12; n++) {
      const request = async () => {
        await Promise.resolve()
        begun++
        work(2)
      }
      turns.beginLater(makeHeavy(request))
    }
    while (turns.waiting > 0) {
      const before = begun
      await nextTurn()
      most = Math.max(most, begun - before)
    }
    assert.ok(most > 0 && most <= 3, `${most} of 2 ms in a turn`)
  })

  it('begin every request at once if each turn has few', async () => {
    const turns = makeTurns()
    let begun = 0
    for (let turn = 0; turn < 50; turn++) {
      for (let n = 0; n < 2; n++) turns.begin(() => begun++)
      assert.equal(turns.waiting, 0)
      await nextTurn()
    }
    assert.equal(begun, 100)
  })

  it('begin what waited for another request of its connection after what has just come, and do not count it', async () => {
    const turns = makeTurns()
    const order: string[] = []
    turns.beginLater(() => order.push('next'))
    turns.begin(() => order.push('first'))
    assert.deepEqual([order, turns.waiting, turns.waitingWork], [['first'], 1, 0])
    await nextTurn()
    assert.deepEqual(order, ['first', 'next'])
  })

  it('give what waited for another request of its connection a part of each turn', async () => {
    const turns = makeTurns()
    let [begun, next] = [0, 0]
    const light = () => {
      begun++
      work(1)
    }
    const later = () => {
      next++
      work(1)
    }
    for (let n = 0; n < 40; n++) turns.begin(light)
    for (let n = 0; n < 40; n++) turns.beginLater(later)
    for (let turn = 0; turn < 4; turn++) await nextTurn()
    assert.ok(begun > next && next >= 3, `${begun} and ${next}`)
    while (turns.waiting > 0) await nextTurn()
    assert.deepEqual([begun, next], [40, 40])
  })

  it('begin few while connections are let in, but do begin', async () => {
    const turns = makeTurns()
    let [begun, left] = [0, 0]
    for (let n = 0; n < 40; n++) {
      turns.begin(() => {
        begun++
        work(2)
      })
    }
    for (let turn = 0; turn < 60; turn++) {
      leaveTurnToConnections()
      const before = begun
      await nextTurn()
      if (begun === before) left++
    }
    assert.ok(left >= 48, `${left} of 60 turns left`)
    assert.ok(begun >= 4 && begun < 40, `${begun} begun`)
  })

  it('begin those that hold little without waiting for those that hold much', async () => {
    const turns = makeTurns()
    let [light, begun] = [0, 0]
    const comeLarge = () =>
      turns.begin(
        makeHeavy(() => {
          begun++
          work(2)
        }),
      )
    for (let n = 0; n < 20; n++) comeLarge()
    const waiting = 20 - begun
    assert.ok(begun <= 3, `${begun} begun`)
    assert.deepEqual([turns.waiting, turns.waitingWork], [waiting, waiting * (large + 64 * 1024)])
    turns.begin(() => light++)
    assert.equal(light, 1)
    while (turns.waiting > 0) await nextTurn()
    assert.deepEqual([begun, turns.waitingWork], [20, 0])
  })
})
