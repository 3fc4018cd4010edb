// Readiness follows its checks, but not at every hiccup, and ends with the shutdown.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CheckResult, createReadiness } from '../../src/http/readiness.ts'

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1)
}

describe('the readiness', () => {
  it('is false until the first success, and false after two failures in a row', async () => {
    const answers: boolean[] = []
    const changes: CheckResult[] = []
    let runs = 0
    const check = {
      name: 'store',
      run: async () => {
        runs++
        if (!(answers.shift() ?? false)) throw new Error('it is away')
      },
    }
    const readiness = createReadiness({
      check,
      interval: 1,
      onChange: (change) => changes.push(change),
    })
    assert.equal(readiness.ready, false)
    assert.deepEqual(readiness.results(), [
      { name: 'store', ok: false, detail: 'not checked yet' },
      { name: 'shutdown', ok: true, detail: 'ok' },
    ])
    answers.push(false, true, false, true, false, false)
    readiness.start()
    await until(() => runs > 7)
    readiness.stop()
    assert.deepEqual(changes, [
      { name: 'store', ok: false, detail: 'it is away' },
      { name: 'store', ok: true, detail: 'ok' },
      { name: 'store', ok: false, detail: 'it is away' },
    ])
  })

  it('is false from the moment of the shutdown, and checks no more', async () => {
    let runs = 0
    const run = async () => {
      runs++
    }
    const readiness = createReadiness({ check: { name: 'store', run }, interval: 1 })
    readiness.start()
    await until(() => readiness.ready && runs > 2)
    readiness.stop()
    assert.equal(readiness.ready, false)
    assert.deepEqual(readiness.results().at(-1), {
      name: 'shutdown',
      ok: false,
      detail: 'has begun',
    })
    const after = runs
    await sleep(20)
    assert.ok(runs <= after + 1)
  })
})
