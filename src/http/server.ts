// The HTTP server: takes a request through routing, negotiation and its handler, and accounts for it.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { type Access, createGuard, type Guard } from './access.ts'
import { createHostCheck, type HostCheck } from './allowed-hosts.ts'
import { createAnswerBudget } from './answer-budget.ts'
import { answerError } from './answer-error.ts'
import { answerClientError } from './client-error.ts'
import { type Exchange, sendEmpty } from './exchange.ts'
import { createInFlight, type InFlight } from './in-flight.ts'
import type { Log } from './log.ts'
import { negotiate } from './media-type.ts'
import type { Metrics } from './metrics.ts'
import { pipelineOf } from './pipeline.ts'
import { Problem } from './problem.ts'
import { requestIds } from './request-id.ts'
import { createRequestMetrics } from './request-metrics.ts'
import { createRequestTurns } from './request-turns.ts'
import type { Route } from './route.ts'
import { createRouter, type Router } from './router.ts'
import { refuseOtherSites } from './same-site.ts'

// `import` would read every member of node:http, and those that Node loads only when they are read
// bring undici: 40 ms of the start and 15 MB (Node 26).
const { createServer } = process.getBuiltinModule('node:http')

export interface ServiceOptions {
  readonly routes: readonly Route[]
  readonly log: Log
  readonly metrics: Metrics
  /** Undefined: everybody may do everything. */
  readonly access?: Access | undefined
  /** The names to answer to, beside localhost and IP addresses. Undefined: every name. */
  readonly allowedHosts?: readonly string[] | undefined
  /** Sockets at the same time; more are closed at once. */
  readonly maxConnections?: number
  /** Bytes of all answers that wait for their clients. */
  readonly maxAnswers?: number
}

export interface Service {
  readonly server: Server
  readonly inFlight: InFlight
}

const serverOptions = {
  keepAlive: true,
  noDelay: true,
  requireHostHeader: false, // Node would answer without a body; `answer` does it with a problem
  // Above any balancer's idle time (AWS's and nginx's are 60 s): the side that sends must close.
  keepAliveTimeout: 72_000,
  headersTimeout: 30_000,
  // A body has its own deadline (body.ts), and NDJSON may take as long as it keeps coming.
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  // A request without a body has no stream of it to go through. A Node that lacks it ignores it.
  optimizeEmptyRequests: true,
}
// Requests of one connection that wait for their answers. Node takes in all that come in 64 KiB, and
// without a limit one client that read no answers held 20 MB (measured).
const maxPipelined = 100
// Requests of all connections that wait for a turn. Beyond it only a connection's first may.
const maxWaiting = 1_000
// A socket on which nothing moves while a request is being answered: a stalled body, a reader
// that does not read. Its memory is bounded, its place in the server is not free.
const inactivityTimeout = 60_000

/** Makes the server for a table of routes. It does not listen yet. */
export function createService(options: ServiceOptions): Service {
  const { routes, log, metrics, access, maxConnections = 20_000, maxAnswers = 64 << 20 } = options
  const findRoute = createRouter(routes)
  const guard = createGuard(access)
  const checkHost = createHostCheck(options.allowedHosts)
  const inFlight = createInFlight()
  const answers = createAnswerBudget(maxAnswers)
  const nextId = requestIds()
  const count = createRequestMetrics(metrics)
  metrics.gauge('http_requests_in_flight', 'Requests being answered.', () => inFlight.size)
  metrics.gauge(
    'http_requests_waiting',
    'Requests that have not begun, because others have their turn.',
    () => turns.waiting,
  )
  metrics.gauge(
    'http_answers_waiting_bytes',
    'Large answers that their clients have not taken yet.',
    () => answers.held,
  )
  metrics.counterOf(
    'http_answers_cut_total',
    'Answers cut because their clients took nothing and others needed the memory.',
    () => answers.cut,
  )
  metrics.gauge('http_draining', 'Whether the shutdown has begun.', () => Number(inFlight.retiring))

  const fail = (exchange: Underway, error: unknown) => answerError(exchange, error, log)

  const refuse = (exchange: Underway) => {
    exchange.response.shouldKeepAlive = false // nothing behind it is processed
    const detail = 'Too many requests wait that this connection sent without waiting for answers.'
    const overloaded = new Problem('overloaded', detail, {}, ['Retry-After', '1'])
    queueMicrotask(() => void fail(exchange, overloaded))
  }

  const run = (exchange: Underway) => {
    // A handler that waits for nothing is answered without a promise.
    try {
      const answered = answer(exchange, findRoute, guard, checkHost)
      if (answered) answered.catch((error: unknown) => fail(exchange, error))
    } catch (error) {
      // Behind this turn Node's parser has said whether the request is whole.
      queueMicrotask(() => void fail(exchange, error))
    }
  }
  const turns = createRequestTurns(run, refuse)

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const pipeline = pipelineOf(request.socket)
    if (!pipeline.take(response, inFlight.retiring)) {
      request.socket.pause() // Node keeps what it reads until the connection closes
      return
    }
    const startedAt = performance.now()
    const requestId = nextId(request.headers['x-request-id'])
    const found: Underway = {
      request,
      response,
      requestId,
      answers,
      route: undefined,
      id: '',
      query: noQuery,
      mediaType: '',
    }
    inFlight.add(response)

    response.on('close', () => {
      pipeline.done(response)
      inFlight.delete(response)
      const { route, code } = found
      // 499 is nginx's code for a client that left before it had its answer.
      const status = response.writableFinished ? response.statusCode : 499
      const ms = performance.now() - startedAt
      count(route, request.method, status, ms)
      log[route?.quiet ? 'debug' : 'info']('request', {
        reqId: requestId,
        method: request.method,
        route: route?.path ?? 'none',
        status,
        ...(code === undefined ? {} : { code }),
        ms: Math.round(ms * 100) / 100,
      })
    })

    const ahead = pipeline.open.length - 1
    const full = turns.waiting >= maxWaiting
    if (ahead < maxPipelined && (ahead === 0 || !full)) turns.begin(pipeline.turns, found)
    // Those of its connection that have not begun are refused with it: until the last answer is out,
    // Node holds all that it read of the connection, and with 500 of them 600 MiB (measured).
    else if (!full || !turns.takeBack(pipeline.turns)) refuse(found)
  }

  const server = createServer(serverOptions, onRequest)
  server.setTimeout(inactivityTimeout)
  server.maxConnections = maxConnections
  // Node would ask for the body at once; body.ts asks when it wants it, so that a body that is
  // too large or of the wrong type is never sent.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  server.on('clientError', (error, socket) => answerClientError(error, socket, pipelineOf(socket)))
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    turns.letIn()
    socket.once('close', () => connections--)
  })
  metrics.gauge('http_connections', 'Open client connections.', () => connections)
  return { server, inFlight }
}

/** A request and what is found out about it. One object: to copy it for the handler costs more. */
interface Underway extends Exchange {
  route: Route | undefined
  id: string
  query: URLSearchParams
  mediaType: string
}

function answer(
  exchange: Underway,
  findRoute: Router,
  guard: Guard,
  checkHost: HostCheck,
): void | Promise<void> {
  const { request } = exchange
  const { method = 'GET', url = '/' } = request
  const { path, search } = splitTarget(url)
  checkHeaders(request)
  checkHost(request)
  refuseOtherSites(request)
  if (method === 'OPTIONS') return sendEmpty(exchange, 204, ['Allow', allowOf(findRoute, path)])

  const { route, id } = findRoute(method, path)
  exchange.route = route
  guard(request, route)
  const { produces, lenient, handle } = route
  const mediaType =
    negotiate(request.headers.accept, produces) ?? (lenient ? produces[0] : undefined)
  if (mediaType === undefined) {
    throw new Problem('not_acceptable', `${path} answers as ${produces.join(' or ')}.`)
  }
  exchange.id = id
  exchange.mediaType = mediaType
  if (search !== '') exchange.query = new URLSearchParams(search)
  return handle(exchange)
}

function checkHeaders({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host === undefined && httpVersion !== '1.0') {
    throw new Problem('bad_request', 'HTTP/1.1 asks for a Host header (RFC 9112, section 3.2).')
  }
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    throw new Problem('expectation_failed', 'Only Expect: 100-continue is known.')
  }
}

// RFC 9110, section 9.3.7: the router knows the methods and says them when it refuses one.
function allowOf(findRoute: Router, path: string): string {
  if (path === '*') return 'GET, HEAD, POST, PUT, DELETE, OPTIONS'
  try {
    findRoute('OPTIONS', path)
  } catch (error) {
    if (error instanceof Problem && error.code === 'method_not_allowed') {
      return error.headers[1] ?? ''
    }
    throw error
  }
  return ''
}

// The path of an origin-form target (`/data?x`) or of an absolute-form one (`http://host/data`).
function splitTarget(url: string): { path: string; search: string } {
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, '') || '/'
  const question = target.indexOf('?')
  return question < 0
    ? { path: target, search: '' }
    : { path: target.slice(0, question), search: target.slice(question + 1) }
}

const noQuery = new URLSearchParams()
