// The samples of a load test, one for each second: read from the job's log, shown as they arrive, and summed up.
import { mkdirSync, writeFileSync } from 'node:fs'
import { numberAt, parseJson, textAt } from '../cluster/kubectl.ts'
import type { Scaling } from '../commands/wait-autoscaler.ts'

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

interface LoadEnd {
  total: number
  failures: number
  reasons: string
}

/** A line of the job's log: a second, its end, or undefined for anything else. */
export function readLine(
  line: string,
  scaling: Scaling | undefined,
): LoadSample | LoadEnd | undefined {
  const found = parseJson(line)
  if (numberAt(found, 'total') !== undefined) {
    const reasons = /"reasons":(\{.*?\})/.exec(line)?.[1] ?? ''
    return {
      total: numberAt(found, 'total') ?? 0,
      failures: numberAt(found, 'failures') ?? 0,
      reasons: reasons === '{}' ? '' : reasons,
    }
  }
  const requests = numberAt(found, 'requests')
  if (requests === undefined) return undefined
  return {
    ...idle(textAt(found, 'time'), scaling),
    requests,
    failures: numberAt(found, 'failures') ?? 0,
    p50: numberAt(found, 'p50') ?? null,
    p95: numberAt(found, 'p95') ?? null,
    p99: numberAt(found, 'p99') ?? null,
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

/** One object per second, one per line, so that a person can read it too. */
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

// What a load test says: one sentence, and the figures that a reader asks for first.

/** The seconds from the first sample to this one. */
export const secondsSince = (samples: readonly LoadSample[], { time }: LoadSample): number =>
  Math.max(0, Math.round((Date.parse(time) - Date.parse(samples[0]?.time ?? time)) / 1000))

const grouped = new Intl.NumberFormat('en-GB')

/** What happened: "2 to 5 replicas after 96 s, 0 of 184,220 requests failed". */
export function summarize(samples: readonly LoadSample[]): string {
  const [first] = samples
  const last = samples.at(-1)
  if (!first || !last) return 'The load test has no samples'
  const most = Math.max(...samples.map(({ replicas }) => replicas))
  const peak = samples.find(({ replicas }) => replicas === most) ?? first
  const scaling =
    most > first.replicas
      ? `${first.replicas} to ${most} replicas after ${secondsSince(samples, peak)} s`
      : `${first.replicas} ${first.replicas === 1 ? 'replica' : 'replicas'} all the time`
  const back =
    last.replicas < most ? `, back to ${last.replicas} after ${secondsSince(samples, last)} s` : ''
  const requests = sum(samples, 'requests')
  const failures = sum(samples, 'failures')
  return `${scaling}${back}, ${grouped.format(failures)} of ${grouped.format(requests)} requests failed`
}

interface Fact {
  readonly name: string
  readonly value: string
}

/** The figures that a reader asks for first. */
export function facts(samples: readonly LoadSample[]): Fact[] {
  const busy = samples.filter(({ requests }) => requests > 0)
  const rate = busy.length === 0 ? 0 : sum(busy, 'requests') / busy.length
  const target = samples.at(-1)?.target ?? Number.NaN
  return [
    { name: 'Requests a second, mean', value: grouped.format(Math.round(rate)) },
    {
      name: 'and at most',
      value: grouped.format(Math.max(0, ...busy.map((each) => each.requests))),
    },
    { name: 'Median latency', value: ms(median(known(busy, 'p50'))) },
    { name: '99th percentile, worst second', value: ms(Math.max(...known(busy, 'p99'))) },
    {
      name: `CPU at most, target ${percent(target)}`,
      value: percent(Math.max(...known(samples, 'cpu'))),
    },
  ]
}

const ms = (value: number) => (Number.isFinite(value) ? `${grouped.format(value)} ms` : 'none')
const percent = (value: number) => (Number.isFinite(value) ? `${value} %` : 'none')

const sum = (samples: readonly LoadSample[], name: 'requests' | 'failures') =>
  samples.reduce((total, sample) => total + sample[name], 0)

const known = (samples: readonly LoadSample[], name: 'p50' | 'p99' | 'cpu'): number[] =>
  samples.flatMap((sample) => sample[name] ?? [])

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

// A load test in progress: in a terminal one line with the rate as a curve, elsewhere a row per second.

const blocks = '▁▂▃▄▅▆▇█'
// For a terminal that cannot show them: Windows PowerShell 5.1 with a code page of its own.
const plainBlocks = '_.-=+*#@'

/** The last `width` values as a curve of one line, from zero to the greatest of them. */
export function sparkline(values: readonly number[], width: number, plain = false): string {
  const shown = width > 0 ? values.slice(-width) : []
  const most = Math.max(1, ...shown)
  const levels = plain ? plainBlocks : blocks
  return shown
    .map((value) => levels[Math.min(levels.length - 1, Math.floor((value / most) * levels.length))])
    .join('')
}

interface LineOptions {
  /** Columns of the terminal. The line is never wider, so that it never wraps. */
  readonly columns?: number
  /** ASCII alone. */
  readonly plain?: boolean
}

const longestCurve = 40

/** The line for the samples so far. The curve takes the room that the figures leave. */
export function liveLine(samples: readonly LoadSample[], options: LineOptions = {}): string {
  const { columns = 80, plain = false } = options
  const last = samples.at(-1)
  if (!last) return ''
  const failures = samples.reduce((sum, each) => sum + each.failures, 0)
  const seconds = `${secondsSince(samples, last)} s`.padStart(6)
  const left = `${seconds}  ${last.replicas} pods  cpu ${last.cpu ?? '?'}/${last.target ?? '?'} %  `
  const right = `  ${last.requests} req/s  p99 ${last.p99 ?? '-'} ms  ${failures} failed`
  // A terminal moves to the next line when its last column is written.
  const room = columns - 1 - left.length - right.length
  const rates = samples.map(({ requests }) => requests)
  const curve = sparkline(rates, Math.min(room, longestCurve), plain)
  return `${left}${curve}${right}`.slice(0, Math.max(0, columns - 1))
}

/** What to write to a terminal so that the line replaces the one before. */
export const overwriteLine = (line: string): string => `\r${line}\u001b[K`

/** The head of the table that `formatRow` makes. */
export const tableHeader = '    time  pods   cpu/target   req/s   p50 ms   p95 ms   p99 ms  failed'

/** A sample as a line of the live table. */
export function formatRow({
  time,
  replicas,
  cpu,
  target,
  requests,
  p50,
  p95,
  p99,
  failures,
}: LoadSample) {
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
