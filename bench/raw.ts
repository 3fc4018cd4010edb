// The raw results: one line of JSON a run, so that a long measurement can be done in parts.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Place } from './peers.ts'

/** One run of one peer in one scenario. */
export interface Run {
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

/** Adds a run to the file, made with its folder where it does not exist. */
export function keepRun(file: string, run: Run): void {
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(run)}\n`)
}

/** The runs in the file, none where there is no such file. */
export function runsOf(file: string): Run[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map((line): Run => JSON.parse(line))
}
