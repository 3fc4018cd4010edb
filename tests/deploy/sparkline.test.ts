// The live line of a load test.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LoadSample } from '../../deploy/load/load-samples.ts'
import { liveLine, overwriteLine, sparkline } from '../../deploy/load/load-samples.ts'

const samples = Array.from(
  { length: 100 },
  (_, second): LoadSample => ({
    time: new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString(),
    replicas: 3,
    cpu: 71,
    target: 70,
    requests: second * 10,
    failures: second === 50 ? 2 : 0,
    p50: 1,
    p95: 2,
    p99: 3.5,
  }),
)

describe('a sparkline', () => {
  it('rises from zero to the greatest value', () => {
    assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 8], 8), '▁▂▃▄▅▆▇█')
    assert.equal(sparkline([0, 0], 8), '▁▁')
    assert.equal(sparkline([], 8), '')
  })

  it('shows the last values if there are more than it has room for', () => {
    assert.equal(sparkline([8, 0, 8], 2), '▁█')
    assert.equal(sparkline([8], 0), '')
    assert.equal(sparkline([8], -3), '')
  })

  it('can be drawn in ASCII', () => {
    assert.match(sparkline([0, 1, 2, 3, 4, 5, 6, 8], 8, true), /^[ -~]{8}$/)
  })
})

describe('the live line', () => {
  it('has the current figures and the failures so far', () => {
    const line = liveLine(samples, { columns: 100 })
    for (const part of ['99 s', '3 pods', 'cpu 71/70 %', '990 req/s', 'p99 3.5 ms', '2 failed']) {
      assert.ok(line.includes(part), `${part} in ${line}`)
    }
    assert.match(line, /▁|▂|▃|▄|▅|▆|▇|█/)
  })

  it('is always narrower than the terminal', () => {
    for (const columns of [1, 20, 40, 80, 81, 200]) {
      assert.ok(liveLine(samples, { columns }).length < columns, `${columns}`)
    }
  })

  it('replaces the line before', () => {
    assert.equal(overwriteLine('x'), '\rx\u001b[K')
  })

  it('is empty before the first sample, and says what is not known yet', () => {
    assert.equal(liveLine([]), '')
    const [first] = samples
    assert.ok(first)
    assert.match(
      liveLine([{ ...first, cpu: null, target: null, p99: null }]),
      /cpu \?\/\? %.*p99 - ms/,
    )
  })
})
