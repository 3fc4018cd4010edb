// The samples of a load test, one for each second: from the job's log, and kept in build/load.json.
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Scaling } from '../cluster/autoscaler.ts'
import { number, parse, text } from '../json.ts'

/** A second of a load test. */
export interface LoadSample {
  readonly time: string
  readonly replicas: number
  /** Percent of the requested CPU, as the autoscaler last saw it. */
  readonly cpu: number | null
  readonly target: number | null
  /** In this second, with those that failed. */
  readonly requests: number
  readonly failures: number
  /** Milliseconds. */
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

export interface LoadEnd {
  total: number
  failures: number
  reasons: string
}

/** A line of the job's log: a second, its end, or undefined for anything else. */
export function readLine(
  line: string,
  scaling: Scaling | undefined,
): LoadSample | LoadEnd | undefined {
  const found = parse(line)
  if (number(found, 'total') !== undefined) {
    const reasons = /"reasons":(\{.*?\})/.exec(line)?.[1] ?? ''
    return {
      total: number(found, 'total') ?? 0,
      failures: number(found, 'failures') ?? 0,
      reasons: reasons === '{}' ? '' : reasons,
    }
  }
  const requests = number(found, 'requests')
  if (requests === undefined) return undefined
  return {
    ...idle(text(found, 'time'), scaling),
    requests,
    failures: number(found, 'failures') ?? 0,
    p50: number(found, 'p50') ?? null,
    p95: number(found, 'p95') ?? null,
    p99: number(found, 'p99') ?? null,
  }
}

/** A second without load, while the autoscaler takes pods away again. */
export const idle = (time: string, scaling: Scaling | undefined): LoadSample => ({
  time,
  replicas: scaling?.replicas ?? 0,
  cpu: scaling?.cpu ?? null,
  target: scaling?.target ?? null,
  requests: 0,
  failures: 0,
  p50: null,
  p95: null,
  p99: null,
})

/** One object a second, one a line, so that a person can read it too. */
export function writeSamples(samples: readonly LoadSample[], file = 'build/load.json'): void {
  mkdirSync('build', { recursive: true })
  writeFileSync(file, `[\n${samples.map((sample) => JSON.stringify(sample)).join(',\n')}\n]\n`)
}

/**
 * The samples of the file's text.
 * @throws TypeError if it is not a list of samples
 */
export function readSamples(text: string): LoadSample[] {
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed)) throw new TypeError('a load test is a list of samples')
  const samples = parsed.filter(isSample)
  if (samples.length < parsed.length) throw new TypeError('not every item is a sample')
  return samples
}

const counts = ['replicas', 'requests', 'failures']
const figures = ['cpu', 'target', 'p50', 'p95', 'p99']

function isSample(value: unknown): value is LoadSample {
  if (typeof value !== 'object' || value === null) return false
  const member = (name: string): unknown => Reflect.get(value, name)
  const time = member('time')
  return (
    typeof time === 'string' &&
    !Number.isNaN(Date.parse(time)) &&
    counts.every((name) => typeof member(name) === 'number') &&
    figures.every((name) => member(name) === null || typeof member(name) === 'number')
  )
}
