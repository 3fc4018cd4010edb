// The metrics of the service: the one table of their names, and what reads those of the process.
import type { Metrics } from './metrics.ts'

/** Each metric with its help. One whose name ends in `_total` is a counter. */
export const metricTexts = {
  process_start_time_seconds: 'Start time since the epoch.',
  process_cpu_seconds_total: 'CPU time used since the start.',
  process_resident_memory_bytes: 'Resident memory.',
  nodejs_heap_used_bytes: 'JavaScript heap in use.',
  nodejs_eventloop_active_seconds_total: 'Time the event loop was busy.',
  nodejs_eventloop_idle_seconds_total: 'Time the event loop waited.',
  store_waiting_documents: 'Documents that wait to be written.',
  store_backup_timestamp_seconds:
    'Time of the last verified backup since the epoch, 0 if there is none.',
  http_requests_total: 'Requests by route and status.',
  http_request_duration_seconds: 'Seconds from the request’s head to the end of its answer.',
  http_requests_in_flight: 'Requests being answered.',
  http_requests_waiting: 'Requests that have not begun, because others have their turn.',
  http_answers_waiting_bytes: 'Large answers that their clients have not taken yet.',
  http_bodies_bytes: 'Memory of request bodies, and of what is made of them.',
  http_answers_cut_total:
    'Answers cut because their clients took nothing and others needed the memory.',
  http_draining: 'Whether the shutdown has begun.',
  http_connections: 'Open client connections.',
}

export type MetricName = keyof typeof metricTexts

/** Adds those of the process. Their names follow the Prometheus client libraries. */
export function addProcessMetrics(metrics: Metrics): void {
  const startedAt = Date.now() / 1000 - process.uptime()
  metrics.reading('process_start_time_seconds', () => startedAt)
  metrics.reading('process_cpu_seconds_total', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.reading('process_resident_memory_bytes', () => process.memoryUsage.rss())
  metrics.reading('nodejs_heap_used_bytes', () => process.memoryUsage().heapUsed)
  // Since the start, for `rate()`: two scrapers would steal each other's interval.
  metrics.reading(
    'nodejs_eventloop_active_seconds_total',
    () => performance.eventLoopUtilization().active / 1000,
  )
  metrics.reading(
    'nodejs_eventloop_idle_seconds_total',
    () => performance.eventLoopUtilization().idle / 1000,
  )
}
