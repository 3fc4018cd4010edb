// Counters, gauges and histograms in the Prometheus text format (version 0.0.4).

export const metricsMediaType = 'text/plain; version=0.0.4; charset=utf-8'

export interface Counter {
  /** `labels` is the finished label text, for example `method="GET",status="200"`. */
  add(labels: string, amount?: number): void
}

export interface Histogram {
  observe(labels: string, value: number): void
}

export interface Metrics {
  counter(name: string, help: string): Counter
  /** Read when the metrics are: no state to keep equal. */
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
      const values = new Map<string, number>()
      families.push(() => {
        const lines = [...values].map(([labels, value]) => `${name}{${labels}} ${value}\n`)
        return head(name, help, 'counter') + lines.join('')
      })
      return {
        add(labels, amount = 1) {
          values.set(labels, (values.get(labels) ?? 0) + amount)
        },
      }
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
      return {
        observe(labels, value) {
          let entry = series.get(labels)
          if (!entry) {
            entry = { counts: buckets.map(() => 0), sum: 0, count: 0 }
            series.set(labels, entry)
          }
          const index = buckets.findIndex((bound) => value <= bound)
          if (index >= 0) entry.counts[index] = (entry.counts[index] ?? 0) + 1
          entry.sum += value
          entry.count++
        },
      }
    },

    render: () => families.map((family) => family()).join(''),
  }
}
