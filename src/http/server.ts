// The HTTP server: its listener and limits, and the way of a request from its arrival to its account.

import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Access } from './access.ts'
import { createAnswerBudget } from './answer-budget.ts'
import { answerError } from './answer-error.ts'
import type { BodyBudget } from './body-budget.ts'
import { trackConnections } from './connections.ts'
import { createCors } from './cors.ts'
import { createDispatch, noQuery, type Underway } from './dispatch.ts'
import { bytesBeforeBegin, createHeadBudget, headBytesOf } from './head-budget.ts'
import { createInFlight } from './in-flight.ts'
import { IncomingRequest } from './incoming-request.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { overloaded } from './problem.ts'
import { accountForRequests } from './request-account.ts'
import { maxFields } from './request-framing.ts'
import { createRequestTurns } from './request-turns.ts'
import type { Route } from './route.ts'

// `import` would read every member of node:http, and those that Node loads lazily bring in undici: 40 ms of the
// start and 15 MB (Node 26).
const { createServer } = process.getBuiltinModule('node:http')

interface ServiceOptions {
  readonly routes: readonly Route[]
  readonly log: Log
  readonly metrics: Metrics
  /** Counts what request bodies hold. */
  readonly bodies: BodyBudget
  /** Undefined: everybody may do everything. */
  readonly access: Access | undefined
  /** The names to answer to, besides localhost and IP addresses. Undefined: every name. */
  readonly allowedHosts: readonly string[] | undefined
  /** Sockets at the same time; more are closed at once. */
  readonly maxConnections: number
  /** Origins whose pages may read and write, `*`: all. */
  readonly corsOrigins: readonly string[]
  /** Bytes of all answers that wait for their clients. */
  readonly maxAnswers: number
}

const serverOptions = {
  IncomingMessage: IncomingRequest,
  keepAlive: true,
  noDelay: true,
  requireHostHeader: false, // Node would answer without a body; request-framing.ts does it with a problem
  // Above any balancer's idle time (AWS, nginx: 60 s): the side that sends must close.
  keepAliveTimeout: 72_000,
  headersTimeout: 30_000,
  // A body may take as long as it keeps the least rate (body-budget.ts).
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  // Spares a request without a body its stream. Node 24 ignores it.
  optimizeEmptyRequests: true,
}
// A socket on which nothing moves while a request is being answered: a stalled body, a reader that does not read.
// It takes a connection from others.
const inactivityTimeout = 60_000

export type Service = ReturnType<typeof createService>

/** Makes the server for a table of routes. It does not listen yet. */
export function createService(options: ServiceOptions) {
  const { routes, log, metrics, bodies, access, allowedHosts, maxConnections } = options
  const cors = createCors(options.corsOrigins)
  const dispatch = createDispatch(routes, access, allowedHosts, cors)
  const inFlight = createInFlight()
  const heads = createHeadBudget()
  const answers = createAnswerBudget(options.maxAnswers)
  const nextId = createRequestIds()
  const account = accountForRequests(log, metrics)

  const fail = (exchange: Underway, error: unknown) => answerError(exchange, error, log)

  const run = (exchange: Underway) => {
    // A handler that waits for nothing answers without a promise.
    try {
      heads.expectRoom(exchange)
      const answered = dispatch(exchange)
      if (answered) answered.catch((error: unknown) => fail(exchange, error))
    } catch (error) {
      // After this turn Node's parser has said whether the request is complete.
      queueMicrotask(() => void fail(exchange, error))
    }
  }
  const turns = createRequestTurns(run, bytesBeforeBegin)

  const refuse = (exchange: Underway) => {
    exchange.response.shouldKeepAlive = false // nothing after it is processed
    const detail = 'This connection has sent too many requests without waiting for their answers.'
    void fail(exchange, overloaded(detail))
  }

  const begin = (exchange: Underway, start: (exchange: Underway) => void) => {
    const { request, response } = exchange
    let ended = false
    const end = () => {
      if (ended) return
      ended = true
      heads.remove(exchange)
      inFlight.delete(exchange)
      account(exchange)
      const next = connections.finish(exchange)
      if (next) begin(next, turns.beginLater)
    }
    heads.add(exchange)
    inFlight.add(exchange)
    response.on('close', end)
    // One that is refused behind others has no socket yet, and without one Node 24.14 emits no 'close'.
    if (response.socket === null) request.socket.once('close', end)
    start(exchange)
  }

  const onRequest = (request: IncomingRequest, response: ServerResponse) => {
    const connection = connections.connectionOf(request.socket)
    if (!connection) return
    const exchange: Underway = {
      request,
      response,
      connection,
      startedAt: performance.now(),
      headBytes: headBytesOf(request),
      place: 0,
      requestId: nextId(request.headers['x-request-id']),
      answers,
      crossOrigin: cors?.answerHeaders(request),
      route: undefined,
      id: '',
      query: noQuery,
      mediaType: '',
    }
    const place = connections.take(exchange)
    if (place === 'begin') begin(exchange, turns.begin)
    if (place === 'refuse') begin(exchange, refuse)
  }

  const server = createServer(serverOptions, onRequest)
  server.setTimeout(inactivityTimeout)
  server.maxHeadersCount = maxFields
  // A client that has finished sending may still wait for its answer (RFC 9112, section 9.6). The setting has been
  // there since Node 0.5, but has no type and no documentation.
  Object.assign(server, { httpAllowHalfOpen: true })
  // body.ts asks for the body when it wants it, so that one that is too large or of the wrong type is never sent.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  const connections = trackConnections(server, maxConnections, () => turns.waitingWork)
  metrics.reading('http_requests_in_flight', () => inFlight.size)
  metrics.reading('http_requests_waiting', () => turns.waiting + connections.waiting)
  metrics.reading('http_answers_waiting_bytes', () => answers.held)
  metrics.reading('http_bodies_bytes', () => bodies.held)
  metrics.reading('http_answers_cut_total', () => answers.cut)
  metrics.reading('http_draining', () => Number(inFlight.retiring))
  metrics.reading('http_connections', () => connections.open)
  const { hasStopped, closeAll } = connections
  return { server, inFlight, hasStopped, closeConnections: closeAll }
}

// It goes into headers, logs and answers, so nothing else may be in it.
const harmless = /^[\w.=-]{1,128}$/

// The client's own if it is harmless, else a random part for the process and a count.
function createRequestIds(): (offered: string | string[] | undefined) => string {
  const prefix = randomBytes(6).toString('base64url')
  let count = 0
  return (offered) =>
    typeof offered === 'string' && harmless.test(offered)
      ? offered
      : `${prefix}-${(++count).toString(36)}`
}
