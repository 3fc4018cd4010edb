// How many calls run at once, and how long the others wait.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLargeQueue, createLimiter } from '../../src/store/limiter.ts'

describe('a limiter', () => {
  it('runs N at once, the others in order, and all of them in the end', async () => {
    const { run } = createLimiter(3, 60_000)
    let running = 0
    let most = 0
    const order: number[] = []
    const calls = Array.from({ length: 20 }, (_, n) =>
      run(async () => {
        order.push(n)
        most = Math.max(most, ++running)
        await sleep(1)
        running--
        if (n % 5 === 0) throw new Error('a failure gives its place back too')
        return n
      }),
    )
    const results = await Promise.allSettled(calls)
    assert.equal(most, 3)
    assert.deepEqual(
      order,
      [...order].sort((left, right) => left - right),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 16)
    assert.equal(await run(async () => 'free again'), 'free again')
  })

  it('refuses a call whose turn does not come in time, and keeps its count', async () => {
    const { run } = createLimiter(1, 10)
    let end = () => {}
    const first = run(() => new Promise<void>((resolve) => (end = resolve)))
    await assert.rejects(
      run(async () => {}),
      { name: 'StoreError', fault: 'overloaded' },
    )
    end()
    await first
    assert.equal(await run(async () => 1), 1)
    assert.equal(await run(async () => 2), 2)
  })
})

describe('the queue of large documents', () => {
  it('passes over those whose reader has left while they waited', async () => {
    const queue = createLargeQueue()
    const seen: string[] = []
    const left = new Set<string>()
    const read = (name: string, use = async () => {}) =>
      queue(
        10 << 20,
        () => {
          seen.push(name)
          return use()
        },
        () => {
          if (left.has(name)) throw new Error(`${name} has left`)
        },
      )
    const { promise: firstEnds, resolve: endFirst } = Promise.withResolvers<void>()
    const first = read('first', () => firstEnds)
    const second = assert.rejects(read('second'), /second has left/)
    const third = read('third')
    left.add('second')
    endFirst()
    await Promise.all([first, second, third])
    assert.deepEqual(seen, ['first', 'third'])
  })
})
