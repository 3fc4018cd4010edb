// /livez and /readyz, for the kubelet and for people.
import { type Exchange, send } from './exchange.ts'
import type { CheckResult, Readiness } from './readiness.ts'
import type { Route } from './route.ts'

const text = 'text/plain; charset=utf-8'
const probe = { method: 'GET', produces: [text], lenient: true, quiet: true, open: true } as const
const parameters = [
  {
    name: 'verbose',
    in: 'query',
    description: 'Says of each check whether it passed.',
    schema: { type: 'string' },
    allowEmptyValue: true,
  },
]
const plain = (description: string) => ({
  description,
  content: { 'text/plain': { schema: { type: 'string' } } },
})

/** The probes. Liveness never asks the database: a restart would not mend that. */
export function healthRoutes(readiness: Readiness): Route[] {
  return [
    {
      ...probe,
      path: '/livez',
      handle: (exchange) => answer(exchange, 200, [{ name: 'event loop', ok: true, detail: 'ok' }]),
      operation: {
        operationId: 'getLiveness',
        summary: 'Whether the process runs',
        description: 'True during a shutdown too. It never asks the database.',
        parameters,
        responses: { 200: plain('The event loop answers.') },
      },
    },
    {
      ...probe,
      path: '/readyz',
      handle: (exchange) => answer(exchange, readiness.ready ? 200 : 503, readiness.results()),
      operation: {
        operationId: 'getReadiness',
        summary: 'Whether to send requests here',
        description: 'The store answered lately, and no shutdown has begun.',
        parameters,
        responses: { 200: plain('Ready.'), 503: plain('Not ready.') },
      },
    },
  ]
}

// The lines of `?verbose` look like those of Kubernetes' own /readyz?verbose.
function answer(exchange: Exchange, status: number, checks: readonly CheckResult[]): void {
  const verdict = status === 200 ? 'ok' : 'not ready'
  const lines = exchange.query.has('verbose')
    ? checks.map(({ name, ok, detail }) => `[${ok ? '+' : '-'}]${name} ${detail}`)
    : []
  send(exchange, status, `${[...lines, verdict].join('\n')}\n`, { 'Cache-Control': 'no-store' })
}
