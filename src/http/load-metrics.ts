// The gauges of what the server holds and what waits in it.
import type { AnswerBudget } from './answer-budget.ts'
import type { BodyBudget } from './body-budget.ts'
import type { Connections } from './connections.ts'
import type { InFlight } from './in-flight.ts'
import { metric } from './metric-table.ts'
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
  metrics.gauge(...metric('http_requests_in_flight'), () => inFlight.size)
  metrics.gauge(...metric('http_requests_waiting'), () => turns.waiting + connections.waiting)
  metrics.gauge(...metric('http_answers_waiting_bytes'), () => answers.held)
  metrics.gauge(...metric('http_bodies_bytes'), () => bodies.held)
  metrics.counterOf(...metric('http_answers_cut_total'), () => answers.cut)
  metrics.gauge(...metric('http_draining'), () => Number(inFlight.retiring))
  metrics.gauge(...metric('http_connections'), () => connections.open)
}
