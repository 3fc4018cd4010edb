// What a load test says: one sentence, and the figures that a reader asks for first.
import type { LoadSample } from './load-samples.ts'

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
