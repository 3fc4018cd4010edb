// GET /metrics, for Prometheus.
import { send } from './exchange.ts'
import { type Metrics, metricsMediaType } from './metrics.ts'
import type { Route } from './route.ts'

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
