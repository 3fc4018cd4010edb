// The series that alerts and dashboard are written with, out of the table of metrics.
import type { MetricName } from '../src/http/service-metrics.ts'

/** What the PodMonitor and the example of docs/operations.md call the job. */
export const job = 'data-service'

/** The series of a metric that the matchers choose. In a Prometheus that is shared it is ours alone. */
export const series = (name: MetricName | 'up', ...matchers: readonly string[]): string =>
  `${name}{${[`job="${job}"`, ...matchers].join(', ')}}`

/** The buckets of a histogram. */
export const buckets = (name: MetricName, ...matchers: readonly string[]): string =>
  series(name, ...matchers).replace('{', '_bucket{')

/** The rate per second of all pods, over a window. */
export const perSecond = (counter: string, window: string, by = ''): string =>
  `sum${by && ` by (${by}) `}(rate(${counter}[${window}]))`

// Probes and scrapes come whether or not clients do, and would hide what clients get.
const ofClients = 'route!~"/livez|/readyz|/metrics"'

/** The requests of clients, with the statuses that the matcher selects. */
export const requests = (...matchers: readonly string[]): string =>
  series('http_requests_total', ofClients, ...matchers)

/** The share of the clients' requests that had such a status. */
export const share = (status: string, window: string): string =>
  `${perSecond(requests(status), window)}\n  / ${perSecond(requests(), window)}`

/** The time in which this share of the requests for one document was answered. */
export const quantile = (part: number, window: string): string =>
  `histogram_quantile(${part}, ${perSecond(buckets('http_request_duration_seconds', 'route="/data/{id}"'), window, 'le')})`

/** The share of the time that a pod's event loop was busy. */
export const busy = (window: string): string => {
  const active = `rate(${series('nodejs_eventloop_active_seconds_total')}[${window}])`
  const idle = `rate(${series('nodejs_eventloop_idle_seconds_total')}[${window}])`
  return `${active}\n  / (${active} + ${idle})`
}
