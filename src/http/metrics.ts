// Counters, gauges and histograms in the Prometheus text format (version 0.0.4), and GET /metrics.
import { send } from './exchange.ts'
import type { Route } from './route.ts'

const metricsMediaType = 'text/plain; version=0.0.4; charset=utf-8'

/** `labels` are the finished label text, for example `method="GET",status="200"`. */
interface Counter {
  add(labels: string, amount?: number): void
  /** The series of these labels, for a caller that counts often: nothing has to be looked up. */
  of(labels: string): (amount?: number) => void
}

interface Histogram {
  observe(labels: string, value: number): void
  /** The series of these labels. */
  of(labels: string): (value: number) => void
}

export interface Metrics {
  counter(name: string, help: string): Counter
  /** Read when the metrics are rendered: there is no state to keep in step. */
  gauge(name: string, help: string, read: () => number): void
  /** A counter that something else keeps. */
  counterOf(name: string, help: string, read: () => number): void
  histogram(name: string, help: string, buckets: readonly number[]): Histogram
  render(): string
}

/** Makes an empty registry. Metrics are rendered in the order in which they were made. */
export function createMetrics(): Metrics {
  const families: (() => string)[] = []
  const head = (name: string, help: string, type: string) =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`

  const single = (name: string, help: string, type: string, read: () => number) => {
    families.push(() => `${head(name, help, type)}${name} ${read()}\n`)
  }

  return {
    counter(name, help) {
      const series = new Map<string, { value: number }>()
      families.push(() => {
        const lines = [...series].map(([labels, { value }]) => `${name}{${labels}} ${value}\n`)
        return head(name, help, 'counter') + lines.join('')
      })
      const of = (labels: string) => {
        const entry = getOrAdd(series, labels, () => ({ value: 0 }))
        return (amount = 1) => {
          entry.value += amount
        }
      }
      return { of, add: (labels, amount) => of(labels)(amount) }
    },

    gauge: (name, help, read) => single(name, help, 'gauge', read),
    counterOf: (name, help, read) => single(name, help, 'counter', read),

    histogram(name, help, buckets) {
      const series = new Map<string, { counts: number[]; sum: number; count: number }>()
      families.push(() => {
        let text = head(name, help, 'histogram')
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
      const of = (labels: string) => {
        const empty = () => ({ counts: buckets.map(() => 0), sum: 0, count: 0 })
        const entry = getOrAdd(series, labels, empty)
        return (value: number) => {
          const index = buckets.findIndex((bound) => value <= bound)
          if (index >= 0) entry.counts[index] = (entry.counts[index] ?? 0) + 1
          entry.sum += value
          entry.count++
        }
      }
      return { of, observe: (labels, value) => of(labels)(value) }
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

/** The route that renders the registry. */
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
