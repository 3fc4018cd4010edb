// From a request to its handler: checks, routing, access, query, negotiation, and an unused body.
import { quoted } from '../shown-text.ts'
import { type Access, createGuard } from './access.ts'
import { createHostCheck } from './allowed-hosts.ts'
import { readUnused } from './body.ts'
import type { Connection } from './connections.ts'
import { type Cors, refuseOtherSites } from './cors.ts'
import { type Exchange, sendEmpty } from './exchange.ts'
import { negotiateType } from './media-type.ts'
import { Problem } from './problem.ts'
import { checkFraming, hasBody } from './request-framing.ts'
import type { Route } from './route.ts'
import { createRouter } from './router.ts'

/** A request and what is known of it. One object: copying it for the handler costs more. */
export interface Underway extends Exchange {
  readonly connection: Connection
  /** In the register of in-flight.ts. */
  place: number
  /** Of `performance.now()`. */
  readonly startedAt: number
  /** Bytes of memory that its head takes. */
  readonly headBytes: number
  route: Route | undefined
  id: string
  query: URLSearchParams
  mediaType: string
}

export const noQuery = new URLSearchParams()

/**
 * Makes the function that gets a request answered. Nothing is done before the body is complete: the handler reads it
 * if the route takes one, else it is read here.
 */
export function createDispatch(
  routes: readonly Route[],
  access: Access | undefined,
  allowedHosts: readonly string[] | undefined,
  cors: Cors | undefined,
): (exchange: Underway) => void | Promise<void> {
  const router = createRouter(routes)
  const guard = createGuard(access)
  const checkHost = createHostCheck(allowedHosts)
  const prepare = (exchange: Underway): Route | undefined => {
    const { request } = exchange
    const { method = 'GET', url = '/' } = request
    const { path, search } = splitTarget(url)
    checkFraming(request)
    checkHost(request)
    refuseOtherSites(request, cors)
    if (method === 'OPTIONS') return undefined

    const { route, id } = router.find(method, path)
    exchange.route = route
    guard(request, route)
    const { produces, lenient, operation } = route
    const mediaType =
      negotiateType(request.headers.accept, produces) ?? (lenient ? produces[0] : undefined)
    if (mediaType === undefined) {
      throw new Problem('not_acceptable', `${quoted(path)} answers as ${produces.join(' or ')}.`)
    }
    exchange.id = id
    exchange.mediaType = mediaType
    if (search !== '') exchange.query = queryOf(search, operation.parameters)
    return route
  }

  const sendAllowed = (exchange: Underway) => {
    const { path } = splitTarget(exchange.request.url ?? '/')
    const allowed = router.allow(path)
    const preflight = cors?.preflight(exchange.request, allowed.Allow)
    sendEmpty(exchange, 204, { ...allowed, ...preflight })
  }

  return (exchange) => {
    const route = prepare(exchange)
    const handle = route?.handle ?? sendAllowed
    if (!hasBody(exchange.request) || route?.operation.requestBody) return handle(exchange)
    return readUnused(exchange).then(() => handle(exchange))
  }
}

/**
 * The query, if it has nothing but the parameters that the route declares, each once: whoever writes
 * `DELETE /data/x?dryrun=true` does not want it deleted.
 * @throws Problem `invalid_query`
 */
function queryOf(search: string, declared: Route['operation']['parameters'] = []): URLSearchParams {
  expectUtf8(search)
  const query = new URLSearchParams(search)
  // One parameter that stands for many: its handler knows which.
  if (declared.some(({ explode }) => explode === true)) return query
  const names = declared.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
  const seen = new Set<string>()
  for (const name of query.keys()) {
    if (!names.includes(name)) {
      const known =
        names.length > 1 ? `there are ${names.join(', ')}` : `there is ${names[0] ?? 'none'}`
      throw new Problem('invalid_query', `There is no parameter ${quoted(name)} here; ${known}.`)
    }
    if (seen.has(name)) {
      throw new Problem('invalid_query', `The parameter ${name} comes twice; which is meant?`)
    }
    seen.add(name)
  }
  return query
}

// URLSearchParams replaces what is not UTF-8: a condition would find nothing, or the wrong documents.
function expectUtf8(search: string): void {
  for (const [bytes] of search.matchAll(/(?:%[89a-f][\da-f])+/gi)) {
    try {
      decodeURIComponent(bytes)
    } catch {
      throw new Problem(
        'invalid_query',
        `The query has ${quoted(bytes)}, which is not UTF-8: ü is written %C3%BC.`,
      )
    }
  }
}

/** The path of an origin-form target (`/data?x`) or of an absolute-form one (`http://host/data`). */
export function splitTarget(url: string): { path: string; search: string } {
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, '') || '/'
  const question = target.indexOf('?')
  return question < 0
    ? { path: target, search: '' }
    : { path: target.slice(0, question), search: target.slice(question + 1) }
}
