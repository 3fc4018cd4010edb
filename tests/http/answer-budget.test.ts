// The memory of answers that wait: which get in, which give way, and when it is free again.
import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { createAnswerBudget } from '../../src/http/answer-budget.ts'

function responseOf(): ServerResponse {
  const socket = new Socket()
  const response = new ServerResponse(new IncomingMessage(socket))
  // Without it Node 24.14 emits no 'close'.
  response.assignSocket(socket)
  return response
}
const refused = (error: unknown) =>
  error instanceof Error &&
  Reflect.get(error, 'code') === 'overloaded' &&
  Reflect.get(Object(Reflect.get(error, 'headers')), 'Retry-After') === '1'

/** A budget of 100 bytes with a clock that the test sets. */
function budgetOfHundred() {
  const clock = { now: 0 }
  return { clock, budget: createAnswerBudget(100, () => clock.now) }
}
const closed = (response: ServerResponse) =>
  new Promise<void>((resolve) => {
    response.once('close', resolve)
    response.destroy()
  })

describe('the budget of answers', () => {
  it('refuses what does not fit, and says when to ask again', () => {
    const { budget } = budgetOfHundred()
    for (let n = 0; n < 4; n++) budget.admit(responseOf(), 25)
    assert.throws(() => budget.admit(responseOf(), 1), refused)
    assert.equal(budget.held, 100)
    assert.equal(budget.cut, 0)
  })

  it('takes a place back when its response is closed, once', async () => {
    const { budget } = budgetOfHundred()
    const response = responseOf()
    budget.admit(response, 40).setBufferedBytes(50)
    await closed(response)
    response.emit('close')
    assert.equal(budget.held, 0)
  })

  it('keeps no place for a client that left before there was an answer', async () => {
    const { budget } = budgetOfHundred()
    const response = responseOf()
    await closed(response)
    budget.admit(response, 40).setBufferedBytes(50)
    assert.equal(budget.held, 0)
  })

  it('cuts the one that has waited longest for a new one, but none that waits for under 5 s', () => {
    const { budget, clock } = budgetOfHundred()
    const [first, second] = [responseOf(), responseOf()]
    budget.admit(first, 50).setBufferedBytes(50)
    clock.now = 1000
    budget.admit(second, 50).setBufferedBytes(50)
    clock.now = 4999
    assert.throws(() => budget.admit(responseOf(), 50), refused)
    clock.now = 5000
    budget.admit(responseOf(), 50)
    assert.deepEqual([first.destroyed, second.destroyed], [true, false])
    assert.deepEqual([budget.held, budget.cut], [100, 1])
  })

  it('restarts the wait when the client has taken something', () => {
    const { budget, clock } = budgetOfHundred()
    const [reading, stalled] = [responseOf(), responseOf()]
    const share = budget.admit(reading, 50)
    share.setBufferedBytes(50)
    budget.admit(stalled, 50).setBufferedBytes(50)
    clock.now = 4000
    share.noteProgress()
    share.setBufferedBytes(50)
    clock.now = 6000
    budget.admit(responseOf(), 50)
    assert.deepEqual([reading.destroyed, stalled.destroyed], [false, true])
  })

  it('never cuts one that does not wait', () => {
    const { budget, clock } = budgetOfHundred()
    const share = budget.admit(responseOf(), 50)
    share.setBufferedBytes(50)
    share.noteProgress()
    budget.admit(responseOf(), 50)
    clock.now = 60_000
    assert.throws(() => budget.admit(responseOf(), 50), refused)
    assert.equal(budget.cut, 0)
  })

  it('makes room for one that is under way at the cost of the one that has waited longest', () => {
    const { budget } = budgetOfHundred()
    const [growing, stalled] = [responseOf(), responseOf()]
    const share = budget.admit(growing, 10)
    share.setBufferedBytes(10)
    budget.admit(stalled, 50).setBufferedBytes(50)
    budget.admit(responseOf(), 40)
    share.setBufferedBytes(30)
    assert.deepEqual([growing.destroyed, stalled.destroyed], [false, true])
    assert.equal(budget.held, 70)
  })

  it('lets one that is larger than the limit in, one at a time beside small ones', () => {
    const { budget } = budgetOfHundred()
    budget.admit(responseOf(), 30)
    budget.admit(responseOf(), 1_000_000)
    assert.throws(() => budget.admit(responseOf(), 1_000_000), refused)
  })
})
