// The Prometheus text format.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMetrics } from '../../src/http/metrics.ts'

describe('the metrics', () => {
  it('are rendered as Prometheus reads them', () => {
    const metrics = createMetrics()
    const counter = metrics.counter('http_requests_total')
    metrics.reading('http_connections', () => 1.5)
    metrics.reading('http_answers_cut_total', () => 2)
    const histogram = metrics.histogram('http_request_duration_seconds', [0.1, 1])
    for (const labels of ['a="1"', 'a="1"', 'a="1"', 'a="2"']) counter(labels)()
    for (const value of [0.05, 0.1, 0.5, 7]) histogram('r="/"')(value)
    assert.equal(
      metrics.render(),
      `# HELP http_requests_total Requests by route and status.
# TYPE http_requests_total counter
http_requests_total{a="1"} 3
http_requests_total{a="2"} 1
# HELP http_connections Open client connections.
# TYPE http_connections gauge
http_connections 1.5
# HELP http_answers_cut_total Answers cut because their clients took nothing and others needed the memory.
# TYPE http_answers_cut_total counter
http_answers_cut_total 2
# HELP http_request_duration_seconds Seconds from the request’s head to the end of its answer.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{r="/",le="0.1"} 2
http_request_duration_seconds_bucket{r="/",le="1"} 3
http_request_duration_seconds_bucket{r="/",le="+Inf"} 4
http_request_duration_seconds_sum{r="/"} 7.65
http_request_duration_seconds_count{r="/"} 4
`,
    )
  })
})
