// The dashboard: what Grafana shows of the service, each metric in at least one panel.
import { objectives } from './alerts.ts'
import { buckets, busy, perSecond, quantile, requests, series, share } from './promql.ts'

interface Panel {
  readonly title: string
  /** Grafana's name of it. */
  readonly unit: string
  readonly exprs: readonly string[]
  /** Where to draw the line that should not be crossed. */
  readonly limit?: number
}

// Grafana puts in what suits the scrapes and the width of the screen.
const window = '$__rate_interval'
const allRequests = series('http_requests_total')
const slowest = buckets('http_request_duration_seconds')

/** From left to right and from top to bottom: what clients get, then why. */
export const panels: readonly Panel[] = [
  { title: 'Requests', unit: 'reqps', exprs: [perSecond(allRequests, window, 'status')] },
  {
    title: 'Share of 5xx, probes aside',
    unit: 'percentunit',
    exprs: [share('status=~"5.."', window)],
    limit: 1 - objectives.availability,
  },
  {
    title: 'Time for one document: half, 99 of 100',
    unit: 's',
    exprs: [quantile(0.5, window), quantile(0.99, window)],
    limit: objectives.seconds,
  },
  {
    title: 'Time for 99 of 100, by route',
    unit: 's',
    exprs: [`histogram_quantile(0.99, ${perSecond(slowest, window, 'le, route')})`],
  },
  { title: 'Pods that answer', unit: 'short', exprs: [`count(${series('up')} == 1)`] },
  { title: 'Requests by route', unit: 'reqps', exprs: [perSecond(requests(), window, 'route')] },
  {
    title: 'CPU',
    unit: 'short',
    exprs: [`rate(${series('process_cpu_seconds_total')}[${window}])`],
    limit: 1,
  },
  { title: 'Event loop busy', unit: 'percentunit', exprs: [busy(window)], limit: 0.9 },
  {
    title: 'Memory: all, and the heap',
    unit: 'bytes',
    exprs: [series('process_resident_memory_bytes'), series('nodejs_heap_used_bytes')],
  },
  {
    title: 'Memory of bodies, and of answers that wait',
    unit: 'bytes',
    exprs: [series('http_bodies_bytes'), series('http_answers_waiting_bytes')],
  },
  {
    title: 'Requests under way, and before their turn',
    unit: 'short',
    exprs: [series('http_requests_in_flight'), series('http_requests_waiting')],
  },
  {
    title: 'Documents that wait to be written',
    unit: 'short',
    exprs: [series('store_waiting_documents')],
    limit: 1000,
  },
  {
    title: 'Time since the last verified backup',
    unit: 's',
    exprs: [`time() - max(${series('store_backup_timestamp_seconds')} > 0)`],
    limit: 26 * 3600,
  },
  { title: 'Connections', unit: 'short', exprs: [series('http_connections')], limit: 9_600 },
  {
    title: 'Answers cut, and pods that leave',
    unit: 'short',
    exprs: [`increase(${series('http_answers_cut_total')}[${window}])`, series('http_draining')],
  },
  {
    title: 'Time since the start',
    unit: 's',
    exprs: [`time() - ${series('process_start_time_seconds')}`],
  },
]

// The viewer chooses the Prometheus, if Grafana has several.
const datasource = { type: 'prometheus', uid: '$' + '{datasource}' }
const size = { w: 12, h: 8 }

const panelOf = ({ title, unit, exprs, limit }: Panel, index: number) => ({
  id: index + 1,
  type: 'timeseries',
  title,
  datasource,
  gridPos: { ...size, x: (index % 2) * size.w, y: Math.floor(index / 2) * size.h },
  fieldConfig: {
    defaults: {
      unit,
      min: 0,
      ...(limit === undefined
        ? {}
        : {
            custom: { thresholdsStyle: { mode: 'line' } },
            thresholds: {
              mode: 'absolute',
              steps: [
                { color: 'green', value: null },
                { color: 'red', value: limit },
              ],
            },
          }),
    },
  },
  targets: exprs.map((expr, target) => ({
    refId: 'ABCDEFGH'[target],
    datasource,
    expr,
    // The labels that differ. Helm would take a text with braces for one of its templates.
    legendFormat: '__auto',
  })),
})

/** The JSON that Grafana reads, laid out for people too. */
export const dashboard = (): string =>
  `${JSON.stringify(
    {
      uid: 'data-service',
      title: 'Data service',
      tags: ['data-service'],
      timezone: 'browser',
      schemaVersion: 39,
      refresh: '30s',
      time: { from: 'now-3h', to: 'now' },
      templating: {
        list: [
          { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        ],
      },
      panels: panels.map(panelOf),
    },
    null,
    2,
  )}\n`
