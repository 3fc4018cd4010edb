// The gauges of what the server holds and what waits in it.
import type { AnswerBudget } from './answer-budget.ts'
import type { BodyBudget } from './body-budget.ts'
import type { Connections } from './connections.ts'
import type { InFlight } from './in-flight.ts'
import type { Metrics } from './metrics.ts'
import type { Pipelined } from './pipeline.ts'
import type { RequestTurns } from './request-turns.ts'

export interface Load {
  readonly inFlight: InFlight
  readonly answers: AnswerBudget
  readonly bodies: BodyBudget
  readonly connections: Pick<Connections<Pipelined>, 'open' | 'waiting'>
  readonly turns: Pick<RequestTurns<Pipelined>, 'waiting'>
}

/** Registers the gauges of a server. */
export function registerLoad(
  metrics: Metrics,
  { inFlight, answers, bodies, connections, turns }: Load,
): void {
  metrics.gauge('http_requests_in_flight', 'Requests being answered.', () => inFlight.size)
  metrics.gauge(
    'http_requests_waiting',
    'Requests that have not begun, because others have their turn.',
    () => turns.waiting + connections.waiting,
  )
  metrics.gauge(
    'http_answers_waiting_bytes',
    'Large answers that their clients have not taken yet.',
    () => answers.held,
  )
  metrics.gauge(
    'http_bodies_bytes',
    'Memory of request bodies, and of what is made of them.',
    () => bodies.held,
  )
  metrics.counterOf(
    'http_answers_cut_total',
    'Answers cut because their clients took nothing and others needed the memory.',
    () => answers.cut,
  )
  metrics.gauge('http_draining', 'Whether the shutdown has begun.', () => Number(inFlight.retiring))
  metrics.gauge('http_connections', 'Open client connections.', () => connections.open)
}
