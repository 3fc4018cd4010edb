// Accounts for each request: counts and times it by route, method and status, and logs it.
import { performance } from 'node:perf_hooks'
import { splitTarget, type Underway } from './dispatch.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { methods, type Route } from './route.ts'

const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

// Enough of an unknown path to see what was meant, too little to fill a disk. A query may hold a secret.
const unknownPath = (url = '/') => splitTarget(url).path.slice(0, 100)

/** Makes the function that accounts for a request once it is answered, or never will be. */
export function accountForRequests(log: Log, metrics: Metrics): (exchange: Underway) => void {
  const count = createRequestMetrics(metrics)
  return ({ request, response, requestId, startedAt, route, code }) => {
    // 499 is nginx's code for a client that left before it had its answer.
    const status = response.writableFinished ? response.statusCode : 499
    const ms = performance.now() - startedAt
    count(route, request.method, status, ms)
    log[route?.quiet ? 'debug' : 'info']('request', {
      reqId: requestId,
      method: request.method,
      route: route?.path ?? 'none',
      path: route === undefined && status === 404 ? unknownPath(request.url) : undefined,
      status,
      code,
      ms: Math.round(ms * 100) / 100,
    })
  }
}

/**
 * Makes what counts the requests. It finds the series by the route's object, the method and the status: 0.03 us per
 * request, and 0.2 with labels written and hashed each time.
 */
function createRequestMetrics(metrics: Metrics) {
  const requests = metrics.counter('http_requests_total')
  const seconds = metrics.histogram('http_request_duration_seconds', durations)
  const makeCounts = (path: string) => ({
    path,
    observe: seconds(`route="${path}"`),
    byMethod: new Map<string, Map<number, () => void>>(),
  })
  type Counts = ReturnType<typeof makeCounts>
  const byRoute = new Map<Route | undefined, Counts>()

  const counterOf = ({ byMethod, path }: Counts, method: string, status: number) => {
    const byStatus = byMethod.get(method) ?? new Map<number, () => void>()
    byMethod.set(method, byStatus)
    const known = byStatus.get(status)
    if (known) return known
    const made = requests(`method="${method}",route="${path}",status="${status}"`)
    byStatus.set(status, made)
    return made
  }

  return (route: Route | undefined, method: string | undefined, status: number, ms: number) => {
    let counts = byRoute.get(route)
    if (!counts) {
      counts = makeCounts(route?.path ?? 'none')
      byRoute.set(route, counts)
    }
    counterOf(counts, knownMethod(method), status)()
    counts.observe(ms / 1000)
  }
}

// A label's values must be few: a client may send any token as its method.
const known = new Set(methods.split(', '))
const knownMethod = (method = '') => (known.has(method) ? method : 'other')
