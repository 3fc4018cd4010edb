// The raw results: one line of JSON a run, so that a long measurement can be done in parts.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Place } from './peers.ts'

/** One run of one peer in one scenario. */
export interface Run {
  /** When the command that measured it began. */
  readonly session: string
  readonly scenario: string
  readonly place: Place
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
  readonly wrkBusy: number
  readonly databaseBusy: number
  /** Requests that failed or were refused. */
  readonly failed: number
  /** Documents that were acknowledged, and those of them that were not found afterwards. */
  readonly acknowledged: number
  readonly lost: number
}

/** Adds a run or a point to the file, made with its folder where it does not exist. */
export function keep(file: string, figures: Run | Point): void {
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(figures, rounded)}\n`)
}

// The files are kept with the project: four digits are more than any figure is good for.
const rounded = (_name: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value

/**
 * The runs in the file, none where there is no such file. A peer that was measured again in a
 * scenario has only its last session: what it was before says nothing of what it is.
 */
export function runsOf(file: string): Run[] {
  const runs = linesOf(file).map((line): Run => JSON.parse(line))
  const groups = Map.groupBy(runs, ({ scenario, place, peer }) => `${scenario} ${place} ${peer}`)
  return [...groups.values()].flatMap((group) => {
    const last = group.at(-1)?.session
    return group.filter(({ session }) => session === last)
  })
}

/** The points in the file; of a step that was measured again, the last. */
export function pointsOf(file: string): Point[] {
  const points = linesOf(file).map((line): Point => JSON.parse(line))
  const last = new Map(points.map((point) => [`${point.series} ${point.place} ${point.at}`, point]))
  return [...last.values()]
}

const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []

/** One point of a growth series. */
export interface Point {
  readonly series: string
  readonly place: Place | 'cluster'
  /** Documents, connections or pods. */
  readonly at: number
  /** Requests a second, milliseconds, MB, and requests that failed. */
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly peak: number
  readonly failed: number
  /** Cores that were used meanwhile, where pods were measured. */
  readonly cores?: CoresUsed
}

export interface CoresUsed {
  /** By the service's pods together, the database's pod, the load, and the machine in all. */
  readonly service: number
  readonly database: number
  readonly load: number
  readonly machine: number
}
