// The runs, kept as one line of JSON each so that a long measurement can be done in parts, and their medians.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Backend } from './peers.ts'

/** One run of one peer in one scenario. */
export interface Run {
  readonly scenario: string
  readonly place: Backend
  readonly peer: string
  readonly at: string
  /** What the database says that it is. */
  readonly server: string
  readonly seconds: number
  readonly requests: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** MB of resident memory, at most. */
  readonly peak: number
  /** CPU seconds of the service. */
  readonly cpu: number
  /** Shares of a core that the load generator and the database used. */
  readonly loadBusy: number
  readonly databaseBusy: number
  /** Requests that failed or were refused. */
  readonly failed: number
  /** Documents that were acknowledged, and those of them that were not found afterwards. */
  readonly acknowledged: number
  readonly lost: number
  /** MB of the data file at the end, if the documents in it are the same for every peer. */
  readonly file?: number
}

/** One point of a growth series. */
export interface Point {
  readonly series: string
  readonly place: Backend | 'cluster'
  readonly peer: string
  /** Documents, connections or pods. */
  readonly at: number
  /** Requests a second, milliseconds, MB, and requests that failed. */
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly peak: number
  readonly failed: number
  /** Cores that were used meanwhile, if pods were measured. */
  readonly cores?: Readonly<Record<'service' | 'database' | 'load' | 'machine', number>>
}

/** What the file holds, nothing if there is no such file. */
export const readLines = <Line extends Run | Point>(file: string): Line[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line): Line => JSON.parse(line))
    : []

/** Adds lines to the file in the place of those that `isOld`. */
export function keepLines<Line extends Run | Point>(
  file: string,
  lines: readonly Line[],
  isOld: (line: Line) => boolean,
): void {
  const kept = readLines<Line>(file).filter((line) => !isOld(line))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    [...kept, ...lines].map((line) => `${JSON.stringify(line, rounded)}\n`).join(''),
  )
}

// The files are kept with the project: no figure is exact to more than four digits.
const rounded = (_name: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** The median and the ends of some figures. @throws RangeError if there are none */
export function spread(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((left, right) => left - right)
  const [least] = sorted
  const most = sorted.at(-1)
  if (least === undefined || most === undefined) throw new RangeError('a median of nothing')
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? least
  const lower = sorted[sorted.length - 1 - middle] ?? least
  return { median: (lower + upper) / 2, least, most }
}

/** The runs of one peer in one scenario, ready to be compared. `at` is when the last was measured. */
export interface Figures extends Pick<Run, 'scenario' | 'place' | 'peer' | 'at'> {
  /** Requests a second; documents a second if one request sends many, and for the bare driver. */
  readonly rate: Spread
  /** Milliseconds. */
  readonly p50: Spread
  readonly p99: Spread
  /** MB of resident memory, at most. */
  readonly peak: Spread
  /** CPU seconds per 1,000 requests. */
  readonly cpu: Spread
  /** Shares of a core: of the service, of the load generator, of the database. */
  readonly busy: Spread
  readonly loadBusy: Spread
  readonly databaseBusy: Spread
  readonly file: Spread
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
    const { at } = group.at(-1) ?? first
    const of = (figure: (run: Run) => number) => spread(group.map(figure))
    const sum = (figure: (run: Run) => number) => group.reduce((all, run) => all + figure(run), 0)
    return {
      ...{ scenario, place, peer, at },
      rate: of(({ requests, seconds }) => (seconds > 0 ? requests / seconds : 0)),
      p50: of(({ p50 }) => p50),
      p99: of(({ p99 }) => p99),
      peak: of(({ peak }) => peak),
      cpu: of(({ cpu, requests }) => (requests > 0 ? (cpu / requests) * 1000 : 0)),
      busy: of(({ cpu, seconds }) => (seconds > 0 ? cpu / seconds : 0)),
      loadBusy: of(({ loadBusy }) => loadBusy),
      databaseBusy: of(({ databaseBusy }) => databaseBusy),
      file: of(({ file = 0 }) => file),
      failed: sum(({ failed }) => failed),
      acknowledged: sum(({ acknowledged }) => acknowledged),
      lost: sum(({ lost }) => lost),
    }
  })
}
