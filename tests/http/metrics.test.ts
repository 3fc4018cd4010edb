// The Prometheus text format.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMetrics } from '../../src/http/metrics.ts'

describe('the metrics', () => {
  it('are rendered as Prometheus reads them', () => {
    const metrics = createMetrics()
    const counter = metrics.counter('c_total', 'Counts.')
    metrics.gauge('g', 'Now.', () => 1.5)
    const histogram = metrics.histogram('h', 'Spread.', [0.1, 1])
    counter.add('a="1"')
    counter.add('a="1"', 2)
    counter.add('a="2"')
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe('r="/"', value)
    assert.equal(
      metrics.render(),
      `# HELP c_total Counts.
# TYPE c_total counter
c_total{a="1"} 3
c_total{a="2"} 1
# HELP g Now.
# TYPE g gauge
g 1.5
# HELP h Spread.
# TYPE h histogram
h_bucket{r="/",le="0.1"} 2
h_bucket{r="/",le="1"} 3
h_bucket{r="/",le="+Inf"} 4
h_sum{r="/"} 7.65
h_count{r="/"} 4
`,
    )
  })
})
