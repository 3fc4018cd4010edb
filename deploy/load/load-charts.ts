// Which charts the picture of a load test has, and what each of them draws.
import type { LoadSample } from './load-samples.ts'
import { secondsSince } from './load-story.ts'

type Figure = Exclude<keyof LoadSample, 'time'>

interface Line {
  readonly of: Figure
  readonly label: string
  /** One of the three colours of the style sheet. */
  readonly color: 'one' | 'two' | 'three' | 'soft'
  readonly dash?: readonly number[]
  readonly stepped?: boolean
  readonly filled?: boolean
}

export interface Chart {
  readonly id: string
  readonly title: string
  readonly what: string
  /** After a value; and along the axis. */
  readonly unit: string
  readonly axis: string
  readonly lines: readonly Line[]
}

export const charts: readonly Chart[] = [
  {
    id: 'rate',
    title: 'Requests a second',
    what: 'with those that failed, in each second',
    unit: '',
    axis: 'requests/s',
    lines: [{ of: 'requests', label: 'Requests', color: 'one', filled: true }],
  },
  {
    id: 'failures',
    title: 'Failures',
    what: 'requests a second that got no good answer',
    unit: '',
    axis: 'failed/s',
    lines: [{ of: 'failures', label: 'Failed', color: 'three', filled: true }],
  },
  {
    id: 'latency',
    title: 'Latency',
    what: 'milliseconds that half, 95 and 99 of 100 requests stayed under',
    unit: ' ms',
    axis: 'ms',
    lines: [
      { of: 'p50', label: '50 %', color: 'one' },
      { of: 'p95', label: '95 %', color: 'two' },
      { of: 'p99', label: '99 %', color: 'three' },
    ],
  },
  {
    id: 'replicas',
    title: 'Replicas',
    what: 'pods of the application',
    unit: '',
    axis: 'pods',
    lines: [{ of: 'replicas', label: 'Replicas', color: 'one', stepped: true, filled: true }],
  },
  {
    id: 'cpu',
    title: 'CPU',
    what: 'percent of what a pod requests, as the autoscaler saw it, and its target',
    unit: ' %',
    axis: '%',
    lines: [
      { of: 'cpu', label: 'CPU', color: 'two', stepped: true },
      { of: 'target', label: 'Target', color: 'soft', dash: [6, 6] },
    ],
  },
]

/** What the browser draws: one axis of seconds, and the values of each line. */
export const chartData = (samples: readonly LoadSample[]) => ({
  seconds: samples.map((sample) => secondsSince(samples, sample)),
  charts: charts.map(({ id, unit, axis, lines }) => ({
    id,
    unit,
    axis,
    lines: lines.map(({ of, ...line }) => line),
    values: lines.map(({ of }) => samples.map((sample) => sample[of])),
  })),
})
