// One sample a second of a load test, and where they are kept: build/load.json.
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Scaling } from './autoscaler.ts'
import { number, parse, text } from './json.ts'
import type { LoadSample } from './load-story.ts'

export type Sample = LoadSample

export interface LoadEnd {
  total: number
  failures: number
  reasons: string
}

/** A line of the job's log: a second, its end, or undefined for anything else. */
export function readLine(line: string, scaling: Scaling | undefined): Sample | LoadEnd | undefined {
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
export const idle = (time: string, scaling: Scaling | undefined): Sample => ({
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

export const header = '    time  pods   cpu/target   req/s   p50 ms   p95 ms   p99 ms  failed'

/** A sample as a line of the live table. */
export function row({ time, replicas, cpu, target, requests, p50, p95, p99, failures }: Sample) {
  const cells: [string, number][] = [
    [time.slice(11, 19), 8],
    [`${replicas}`, 6],
    [`${cpu ?? '?'}/${target ?? '?'} %`, 13],
    [`${requests}`, 8],
    ...[p50, p95, p99].map((ms): [string, number] => [ms === null ? '-' : `${ms}`, 9]),
    [`${failures}`, 8],
  ]
  return cells.map(([cell, width]) => cell.padStart(width)).join('')
}

/** One object a second, one a line, so that a person can read it too. */
export function writeSamples(samples: readonly Sample[], file = 'build/load.json'): void {
  mkdirSync('build', { recursive: true })
  writeFileSync(file, `[\n${samples.map((sample) => JSON.stringify(sample)).join(',\n')}\n]\n`)
}
