// What a load test says: its samples read from build/load.json, and one sentence about them.

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

/**
 * The samples of the file's text.
 * @throws TypeError where it is no list of samples
 */
export function readSamples(text: string): LoadSample[] {
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed)) throw new TypeError('a load test is a list of samples')
  const samples = parsed.filter(isSample)
  if (samples.length < parsed.length) throw new TypeError('not every item is a sample')
  return samples
}

/** The seconds from the first sample to this one. */
export const secondsSince = (samples: readonly LoadSample[], { time }: LoadSample): number =>
  Math.max(0, Math.round((Date.parse(time) - Date.parse(samples[0]?.time ?? time)) / 1000))

const number = new Intl.NumberFormat('en-GB')

/** What happened: "2 to 5 replicas after 96 s, 0 of 184,220 requests failed". */
export function story(samples: readonly LoadSample[]): string {
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
  return `${scaling}${back}, ${number.format(failures)} of ${number.format(requests)} requests failed`
}

export interface Fact {
  readonly name: string
  readonly value: string
}

/** The figures that a reader asks for first. */
export function facts(samples: readonly LoadSample[]): Fact[] {
  const busy = samples.filter(({ requests }) => requests > 0)
  const rate = busy.length === 0 ? 0 : sum(busy, 'requests') / busy.length
  const target = samples.at(-1)?.target ?? Number.NaN
  return [
    { name: 'Requests a second, mean', value: number.format(Math.round(rate)) },
    {
      name: 'and at most',
      value: number.format(Math.max(0, ...busy.map((each) => each.requests))),
    },
    { name: 'Median latency', value: ms(median(known(busy, 'p50'))) },
    { name: '99th percentile, worst second', value: ms(Math.max(...known(busy, 'p99'))) },
    {
      name: `CPU at most, target ${percent(target)}`,
      value: percent(Math.max(...known(samples, 'cpu'))),
    },
  ]
}

const ms = (value: number) => (Number.isFinite(value) ? `${number.format(value)} ms` : 'none')
const percent = (value: number) => (Number.isFinite(value) ? `${value} %` : 'none')

const sum = (samples: readonly LoadSample[], name: 'requests' | 'failures') =>
  samples.reduce((total, sample) => total + sample[name], 0)

const known = (samples: readonly LoadSample[], name: 'p50' | 'p99' | 'cpu'): number[] =>
  samples.flatMap((sample) => sample[name] ?? [])

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
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
