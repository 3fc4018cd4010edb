// The medians of the runs of one peer in one scenario, ready to be compared.
import { type Spread, spread } from './median.ts'
import type { Place } from './peers.ts'
import type { Run } from './raw.ts'

export interface Figures {
  readonly scenario: string
  readonly place: Place
  readonly peer: string
  /** Requests a second; lines a second where the scenario sends lines. */
  readonly rate: Spread
  /** Milliseconds. */
  readonly p50: Spread
  readonly p99: Spread
  /** MB of resident memory, at most. */
  readonly peak: Spread
  /** CPU seconds a 1,000 requests. */
  readonly cpu: Spread
  /** Shares of a core: of the service, of the load generator, of the database. */
  readonly busy: Spread
  readonly wrkBusy: Spread
  readonly databaseBusy: Spread
  readonly failed: number
  readonly acknowledged: number
  readonly lost: number
}

/** One entry for each scenario, place and peer, in the order of the runs. */
export function figuresOf(runs: readonly Run[]): Figures[] {
  const groups = Map.groupBy(runs, ({ scenario, place, peer }) => `${scenario} ${place} ${peer}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { scenario, place, peer } = first
    const of = (figure: (run: Run) => number) => spread(group.map(figure))
    const sum = (figure: (run: Run) => number) => group.reduce((all, run) => all + figure(run), 0)
    return {
      ...{ scenario, place, peer },
      rate: of(({ requests, seconds }) => (seconds > 0 ? requests / seconds : 0)),
      p50: of(({ p50 }) => p50),
      p99: of(({ p99 }) => p99),
      peak: of(({ peak }) => peak),
      cpu: of(({ cpu, requests }) => (requests > 0 ? (cpu / requests) * 1000 : 0)),
      busy: of(({ cpu, seconds }) => (seconds > 0 ? cpu / seconds : 0)),
      wrkBusy: of(({ wrkBusy }) => wrkBusy),
      databaseBusy: of(({ databaseBusy }) => databaseBusy),
      failed: sum(({ failed }) => failed),
      acknowledged: sum(({ acknowledged }) => acknowledged),
      lost: sum(({ lost }) => lost),
    }
  })
}
