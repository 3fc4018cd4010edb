// The deadlines of calls to a database that may say nothing.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createDeadlines } from '../../src/store/mongo-deadline.ts'

const unavailable = { name: 'StoreError', fault: 'unavailable' }

// Work that ends only by its signal, as a driver that waits for an answer does.
const silent = (signal: AbortSignal) =>
  new Promise<string>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('given up'))),
  )

describe('a deadline', { timeout: 60_000 }, () => {
  it('hands on the result, or the error', async () => {
    const { run } = createDeadlines()
    assert.equal(await run(60_000, async () => 'done'), 'done')
    await assert.rejects(
      run(60_000, () => Promise.reject(new Error('broken'))),
      /broken/,
    )
  })

  it('ends the wait, and tells the work to give up', async () => {
    const { run } = createDeadlines()
    let signal: AbortSignal | undefined
    const work = (given: AbortSignal) => {
      signal = given
      return silent(given)
    }
    await assert.rejects(run(20, work), unavailable)
    assert.equal(signal?.aborted, true)
  })

  it('ends the wait for work that never ends', async () => {
    const { run } = createDeadlines()
    await assert.rejects(
      run(20, () => new Promise(() => {})),
      unavailable,
    )
  })

  it('comes sooner for what was under way when connections were lost', async () => {
    const { run, connectionsLost } = createDeadlines()
    const waiting = run(600_000, silent)
    connectionsLost()
    const later = run(600_000, async () => 'done')
    await assert.rejects(waiting, unavailable)
    assert.equal(await later, 'done')
  })
})
