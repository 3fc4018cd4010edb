// The report: ratios, goals and losses out of raw runs.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readArguments } from '../../bench/arguments.ts'
import { figuresOf } from '../../bench/figures.ts'
import { growthPlot, growthText } from '../../bench/growth-report.ts'
import type { Point, Run } from '../../bench/raw.ts'
import { reportText } from '../../bench/report.ts'

const run = (peer: string, requests: number, more: Partial<Run> = {}): Run => ({
  ...{ scenario: 'post-64', place: 'ferretdb', peer, at: '2026-11-25T02:00:00Z', server: '7.0' },
  ...{ seconds: 2, requests, p50: 1, p99: 5, peak: 100, cpu: 1, wrkBusy: 0.1, databaseBusy: 0.5 },
  ...{ failed: 0, acknowledged: requests, lost: 0, ...more },
})

const textOf = (runs: readonly Run[]) =>
  reportText({ figures: figuresOf(runs), machine: [], findings: '', growth: '' })

describe('the report of the bench', () => {
  const runs = [
    ...[8000, 10_000, 9000].map((requests) => run('ours', requests)),
    ...[1000, 900, 1100].map((requests) => run('express', requests, { p99: 50 })),
  ]

  it('compares the medians of the runs', () => {
    const text = textOf(runs)
    assert.match(text, /\| this service \| 4,500 \(4,000-5,000\) \| 1 x \|/)
    assert.match(text, /\| Express 5 \+ mongodb \| 500 \(450-550\) \| 9 x \|/)
  })

  it('says of each goal whether it is met, and leaves out what was not measured', () => {
    const text = textOf(runs)
    assert.match(text, /POST, 64 connections, against Express .* at least 8 x \| 9 x \| met \|/)
    assert.match(text, /p99 of that, against Express .* at most 1 x \| 0\.1 x \| met \|/)
    assert.doesNotMatch(text, /NDJSON of 100,000/)
    const slower = textOf([...runs, ...runs.map(() => run('express', 1400))])
    assert.match(slower, /POST, 64 connections, against Express .* \*\*not met\*\*/)
  })

  it('names whoever lost an acknowledged document', () => {
    assert.match(textOf(runs), /Every one of the 30,000 documents/)
    const text = textOf([...runs, run('express', 10, { lost: 3 })])
    assert.match(text, /\*\*not\*\* there afterwards: express 3 \(post-64, ferretdb\)/)
  })
})

describe('the growth report', () => {
  const point = (series: string, at: number, rate: number): Point => ({
    ...{ series, place: 'embedded', at, rate, p50: 1, p99: 2, peak: 100, failed: 0 },
  })
  const points = [point('POST', 100, 5000), point('POST', 10_000, 4000), point('GET /', 64, 30_000)]

  it('has a row a step, and a line a series in the plot', () => {
    assert.match(
      growthText(points),
      /\| POST \| embedded \| 10,000 \| 4,000 \| 1 \| 2 \| 100 \| 0 \|/,
    )
    const svg = growthPlot(points)
    assert.equal(svg.match(/<path [^>]*stroke-width="2"/g)?.length, 4) // two series, rate and p99
    assert.match(svg, /POST, embedded/)
  })
})

describe('the command line of the bench', () => {
  it('names what there is where something is asked for that is not', () => {
    assert.throws(() => readArguments(['--scenario', 'nothing']), /no scenario nothing; there are/)
    assert.throws(() => readArguments(['--place', 'nowhere']), /no place nowhere; there are/)
    assert.throws(() => readArguments(['--runs', 'many']), /A number above 0, not many/)
  })
})
