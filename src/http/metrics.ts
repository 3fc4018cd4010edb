// Counters, gauges and histograms in the Prometheus text format (version 0.0.4), and GET /metrics.
import { send } from './exchange.ts'
import type { Route } from './route.ts'
import { type MetricName, metricTexts } from './service-metrics.ts'

const metricsMediaType = 'text/plain; version=0.0.4; charset=utf-8'

/** Finds the series of these labels: the finished text, for example `method="GET",status="200"`. */
type Series<T> = (labels: string) => T

export interface Metrics {
  counter(name: MetricName): Series<() => void>
  /** Read when the metrics are rendered: there is no state to keep in step. */
  reading(name: MetricName, read: () => number): void
  histogram(name: MetricName, buckets: readonly number[]): Series<(value: number) => void>
  render(): string
}

/** Makes an empty registry. Metrics are rendered in the order in which they were made. */
export function createMetrics(): Metrics {
  const families: (() => string)[] = []
  const head = (name: MetricName, type = name.endsWith('_total') ? 'counter' : 'gauge') =>
    `# HELP ${name} ${metricTexts[name]}\n# TYPE ${name} ${type}\n`

  return {
    counter(name) {
      const series = new Map<string, { value: number }>()
      families.push(() => {
        const lines = [...series].map(([labels, { value }]) => `${name}{${labels}} ${value}\n`)
        return head(name) + lines.join('')
      })
      return (labels) => {
        const entry = getOrAdd(series, labels, () => ({ value: 0 }))
        return () => {
          entry.value++
        }
      }
    },

    reading(name, read) {
      families.push(() => `${head(name)}${name} ${read()}\n`)
    },

    histogram(name, buckets) {
      const series = new Map<string, { counts: number[]; sum: number; count: number }>()
      const empty = () => ({ counts: buckets.map(() => 0), sum: 0, count: 0 })
      families.push(() => {
        let text = head(name, 'histogram')
        for (const [labels, { counts, sum, count }] of series) {
          let below = 0
          buckets.forEach((bound, index) => {
            below += counts[index] ?? 0
            text += `${name}_bucket{${labels},le="${bound}"} ${below}\n`
          })
          text += `${name}_bucket{${labels},le="+Inf"} ${count}\n`
          text += `${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${count}\n`
        }
        return text
      })
      return (labels) => {
        const entry = getOrAdd(series, labels, empty)
        return (value: number) => {
          const index = buckets.findIndex((bound) => value <= bound)
          if (index >= 0) entry.counts[index] = (entry.counts[index] ?? 0) + 1
          entry.sum += value
          entry.count++
        }
      }
    },

    render: () => families.map((family) => family()).join(''),
  }
}

function getOrAdd<T>(series: Map<string, T>, labels: string, make: () => T): T {
  const known = series.get(labels)
  if (known) return known
  const made = make()
  series.set(labels, made)
  return made
}

/** GET /metrics. */
export function metricsRoute(metrics: Metrics): Route {
  return {
    method: 'GET',
    path: '/metrics',
    produces: [metricsMediaType],
    lenient: true,
    quiet: true,
    open: true,
    handle: (exchange) => send(exchange, 200, metrics.render(), { 'Cache-Control': 'no-store' }),
    operation: {
      operationId: 'getMetrics',
      summary: 'Figures for Prometheus',
      description: 'Of this process alone.',
      responses: {
        200: {
          description: 'The Prometheus text format.',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
      },
    },
  }
}
