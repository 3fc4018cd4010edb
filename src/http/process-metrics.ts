// What the process itself uses: memory, CPU, and how busy the event loop is.
import { performance } from 'node:perf_hooks'
import type { Metrics } from './metrics.ts'

/** Adds the process's gauges to the registry. Names follow the Prometheus client libraries. */
export function addProcessMetrics(metrics: Metrics): void {
  const startedAt = Date.now() / 1000 - process.uptime()
  metrics.gauge('process_start_time_seconds', 'Start time since the epoch.', () => startedAt)
  metrics.counterOf('process_cpu_seconds_total', 'CPU time used since the start.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.gauge('process_resident_memory_bytes', 'Resident memory.', () =>
    process.memoryUsage.rss(),
  )
  metrics.gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', () => {
    return process.memoryUsage().heapUsed
  })
  // Since the start, not since the last scrape: two scrapers would steal each other's interval.
  // Its rate over a window is what `rate()` gives from the two counters below.
  metrics.counterOf(
    'nodejs_eventloop_active_seconds_total',
    'Time the event loop was busy.',
    () => {
      return performance.eventLoopUtilization().active / 1000
    },
  )
  metrics.counterOf('nodejs_eventloop_idle_seconds_total', 'Time the event loop waited.', () => {
    return performance.eventLoopUtilization().idle / 1000
  })
}
