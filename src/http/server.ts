// The HTTP server: takes a request through routing, negotiation and its handler, and accounts for it.
import type { Server, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Duplex } from 'node:stream'
import { leaveTurnToConnections } from '../fair-turns.ts'
import { type Access, createGuard } from './access.ts'
import { createHostCheck } from './allowed-hosts.ts'
import { createAnswerBudget } from './answer-budget.ts'
import { answerError } from './answer-error.ts'
import type { BodyBudget } from './body-budget.ts'
import { answerClientError, refuseConnect } from './client-error.ts'
import { createDispatch, noQuery, splitTarget, type Underway } from './dispatch.ts'
import { createInFlight, type InFlight } from './in-flight.ts'
import { IncomingRequest } from './incoming-request.ts'
import type { Log } from './log.ts'
import { metric } from './metric-table.ts'
import type { Metrics } from './metrics.ts'
import { createPipeline, ignoreRequests, type Pipeline } from './pipeline.ts'
import { Problem } from './problem.ts'
import { createReadGate } from './read-gate.ts'
import { requestIds } from './request-id.ts'
import { createRequestMetrics } from './request-metrics.ts'
import { createRequestTurns } from './request-turns.ts'
import type { Route } from './route.ts'
import { createRouter } from './router.ts'

// `import` would read every member of node:http, and those that Node loads only when they are read
// bring undici: 40 ms of the start and 15 MB (Node 26).
const { createServer } = process.getBuiltinModule('node:http')

// Enough of a path that no route has to see what was meant, too little to fill a disk. A query may hold
// a secret.
const unknownPath = (url = '/') => splitTarget(url).path.slice(0, 100)

export interface ServiceOptions {
  readonly routes: readonly Route[]
  readonly log: Log
  readonly metrics: Metrics
  /** What request bodies hold. */
  readonly bodies: BodyBudget
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
  /** Closes every connection, those of refused CONNECTs too, which Node's server has let go of. */
  closeConnections(): void
}

const serverOptions = {
  IncomingMessage: IncomingRequest,
  keepAlive: true,
  noDelay: true,
  requireHostHeader: false, // Node would answer without a body; request-framing.ts does it with a problem
  // Above any balancer's idle time (AWS's and nginx's are 60 s): the side that sends must close.
  keepAliveTimeout: 72_000,
  headersTimeout: 30_000,
  // A body may take as long as it keeps the least rate (body-budget.ts).
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  // A request without a body has no stream of it to go through. Node 24 lacks it and ignores it.
  optimizeEmptyRequests: true,
}
// Requests of all connections that wait for another one of their connection.
const maxPipelined = 1_000
// What a read may still have after a request that is refused, in the cost of requests that wait.
const restOfRead = 200
// A socket on which nothing moves while a request is being answered: a stalled body, a reader
// that does not read. Its memory is bounded, its place in the server is not free.
const inactivityTimeout = 60_000

/** Makes the server for a table of routes. It does not listen yet. */
export function createService(options: ServiceOptions): Service {
  const { routes, log, metrics, access, maxConnections = 20_000, maxAnswers = 64 << 20 } = options
  const dispatch = createDispatch({
    findRoute: createRouter(routes),
    guard: createGuard(access),
    checkHost: createHostCheck(options.allowedHosts),
  })
  const inFlight = createInFlight()
  const answers = createAnswerBudget(maxAnswers)
  const nextId = requestIds()
  const count = createRequestMetrics(metrics)
  metrics.gauge(...metric('http_requests_in_flight'), () => inFlight.size)
  metrics.gauge(...metric('http_requests_waiting'), () => turns.waiting + pipelined)
  metrics.gauge(...metric('http_answers_waiting_bytes'), () => answers.held)
  metrics.gauge(...metric('http_bodies_bytes'), () => options.bodies.held)
  metrics.counterOf(...metric('http_answers_cut_total'), () => answers.cut)
  metrics.gauge(...metric('http_draining'), () => Number(inFlight.retiring))

  const fail = (exchange: Underway, error: unknown) => answerError(exchange, error, log)

  const run = (exchange: Underway) => {
    // A handler that waits for nothing is answered without a promise.
    try {
      const answered = dispatch(exchange)
      if (answered) answered.catch((error: unknown) => fail(exchange, error))
    } catch (error) {
      // After this turn Node's parser has said whether the request is whole.
      queueMicrotask(() => void fail(exchange, error))
    }
  }
  const turns = createRequestTurns(run)

  const refuse = (exchange: Underway) => {
    exchange.response.shouldKeepAlive = false // nothing after it is processed
    ignoreRequests(exchange.request.socket)
    const detail = 'Too many requests wait that this connection sent without waiting for answers.'
    void fail(exchange, new Problem('overloaded', detail, {}, ['Retry-After', '1']))
  }

  const begin = (exchange: Underway, start: (exchange: Underway) => void) => {
    const { request, response, requestId, startedAt } = exchange
    inFlight.add(response)
    response.on('close', () => {
      inFlight.delete(response)
      const { route, code } = exchange
      // 499 is nginx's code for a client that left before it had its answer.
      const status = response.writableFinished ? response.statusCode : 499
      const ms = performance.now() - startedAt
      count(route, request.method, status, ms)
      log[route?.quiet ? 'debug' : 'info']('request', {
        reqId: requestId,
        method: request.method,
        route: route?.path ?? 'none',
        ...(route === undefined && status === 404 ? { path: unknownPath(request.url) } : {}),
        status,
        ...(code === undefined ? {} : { code }),
        ms: Math.round(ms * 100) / 100,
      })
      const pipeline = pipelineOf(request.socket)
      const before = pipeline.waiting
      const next = pipeline.done(exchange)
      pipelined -= before - pipeline.waiting
      if (next) begin(next, turns.beginLater)
    })
    start(exchange)
  }

  const onRequest = (request: IncomingRequest, response: ServerResponse) => {
    const pipeline = pipelineOf(request.socket)
    if (pipeline.ended) return ignoreRequests(request.socket)
    const found: Underway = {
      request,
      response,
      startedAt: performance.now(),
      requestId: nextId(request.headers['x-request-id']),
      answers,
      route: undefined,
      id: '',
      query: noQuery,
      mediaType: '',
    }
    switch (pipeline.take(found, pipelined < maxPipelined)) {
      case 'begin':
        return begin(found, turns.begin)
      case 'wait':
        pipelined++
        gate.count(1)
        return
      case 'refuse':
        gate.count(restOfRead)
        return begin(found, refuse)
    }
  }

  const pipelines = new WeakMap<Duplex, Pipeline<Underway>>()
  let pipelined = 0
  const pipelineOf = (socket: Duplex): Pipeline<Underway> => {
    const known = pipelines.get(socket)
    if (known) return known
    const made = createPipeline<Underway>(socket)
    pipelines.set(socket, made)
    socket.once('close', () => {
      pipelined -= made.waiting
      made.drop()
    })
    return made
  }

  const server = createServer(serverOptions, onRequest)
  server.setTimeout(inactivityTimeout)
  // A client that has sent all it will may still wait for its answer (RFC 9112, section 9.6). Node's own
  // setting for it has no type and no page in its documentation, and is there since 0.5.
  Object.assign(server, { httpAllowHalfOpen: true })
  // Node would ask for the body at once; body.ts asks when it wants it, so that a body that is
  // too large or of the wrong type is never sent.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  server.on('clientError', (error, socket) => answerClientError(error, socket, pipelineOf(socket)))
  server.on('connect', (_request, socket) => refuseConnect(socket, pipelineOf(socket)))
  const gate = createReadGate()
  server.on('connection', (socket) => {
    // Here, not as `maxConnections` of a listener: localhost has two of them (listen.ts).
    if (gate.connections >= maxConnections) {
      socket.destroy()
      return
    }
    gate.mind(socket)
    turns.letIn()
    leaveTurnToConnections()
  })
  metrics.gauge(...metric('http_connections'), () => gate.connections)
  return { server, inFlight, closeConnections: gate.closeAll }
}
