// The report: ratios, goals and losses out of raw runs.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { options, readArguments } from '../../bench/arguments.ts'
import { growthPlot, growthText } from '../../bench/growth-report.ts'
import { reportText } from '../../bench/report.ts'
import { figuresOf, type Point, type Run } from '../../bench/runs.ts'
import { readOptions } from '../../command-line/read-options.ts'

const run = (peer: string, requests: number, more: Partial<Run> = {}): Run => ({
  ...{ scenario: 'post-64', place: 'ferretdb', peer, at: '2026-11-25T02:00:00Z', server: '7.0' },
  ...{ seconds: 2, requests, p50: 1, p99: 5, peak: 100, cpu: 1, loadBusy: 0.1, databaseBusy: 0.5 },
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

  it('opens with what it is beside Express, and how many documents were looked for', () => {
    const opening = textOf(runs).split('## Goals')[0]
    assert.match(opening ?? '', /as fast as Express beside it, and slower in 0 of these 1 rows/)
    assert.match(
      opening ?? '',
      /\| POST of 1 kB, 64 connections \| ferretdb \| 4,500 \| 500 \(Express/,
    )
  })

  it('says of each goal whether it is met, and leaves out what was not measured', () => {
    const faster = textOf([...runs, run('driver', 12_000)])
    assert.match(
      faster,
      /POST, 64 connections, against `insertMany` .* at least 0\.7 x \| 0\.75 x \| met \| 2026-11-25 \|/,
    )
    assert.match(
      faster,
      /p99 of POST, 64 connections, against Express .* at most 1 x \| 0\.1 x \| met \|/,
    )
    assert.doesNotMatch(faster, /NDJSON of 100,000/)
    const slower = textOf([...runs, run('driver', 14_000)])
    assert.match(
      slower,
      /POST, 64 connections, against `insertMany` .* 0\.643 x \| \*\*not met\*\*/,
    )
  })

  it('says how busy the load generator was, and which core was full', () => {
    const text = textOf([
      run('ours', 8000, { cpu: 1.95, loadBusy: 0.4 }),
      run('express', 900, { cpu: 0.5, loadBusy: 0.2, databaseBusy: 0.75 }),
      run('fastify', 900, { cpu: 0.5, loadBusy: 0.1, databaseBusy: 0.3 }),
    ])
    assert.match(text, /most 0\.40 of its core .* post-64 ferretdb ours/)
    assert.match(text, /own core was the limit .* in 1 of 3 rows/)
    assert.match(text, /filled it in 1: post-64 ferretdb express\./)
    assert.match(text, /They are post-64 ferretdb fastify\./)
  })

  it('names whoever lost an acknowledged document', () => {
    assert.match(textOf(runs), /Every one of the 30,000 documents/)
    const text = textOf([...runs, run('express', 10, { lost: 3 })])
    assert.match(text, /\*\*not\*\* there afterwards: express 3 \(post-64, ferretdb\)/)
  })
})

describe('the growth report', () => {
  const point = (series: string, at: number, rate: number, peer = 'ours'): Point => ({
    ...{ series, place: 'embedded', peer, at, rate, p50: 1, p99: 2, peak: 100, failed: 0 },
  })
  const points = [point('POST', 100, 5000), point('POST', 10_000, 4000), point('GET /', 64, 30_000)]

  it('has one row per step, and one line per series in the plot', () => {
    assert.match(
      growthText(points),
      /\| POST \| embedded \| 10,000 \| 4,000 \| {2}\| 1 \| 2 \| {2}\| 100 \| 0 \|/,
    )
    const svg = growthPlot(points)
    assert.equal(svg.match(/<path [^>]*stroke-width="2"/g)?.length, 4) // two series, rate and p99
    assert.match(svg, /POST, embedded/)
  })

  it('holds each step to the build before, and names the worst', () => {
    const before = [point('POST', 100, 4000, 'base'), point('POST', 10_000, 5000, 'base')]
    const text = growthText([...points, ...before])
    assert.match(text, /in the middle of 2 steps,\n0\.8 in the worst \(POST, 10,000\)/)
    assert.match(text, /\| POST \| embedded \| 100 \| 5,000 \| 4,000 \| 1 \| 2 \| 2 \| 100 \| 0 \|/)
  })

  it('says which way is better, and of a series without an answer that it has none', () => {
    const svg = growthPlot([...points, point('GET /data', 100, 0)])
    assert.match(svg, />requests a second: higher is better</)
    assert.match(svg, />99th percentile in ms: lower is better</)
    assert.match(svg, />GET \/data, embedded: no answer in time</)
    assert.doesNotMatch(svg, /d="M"/)
  })

  it('shows pods in a table of their own, with the cores that were used', () => {
    const cores = { service: 1.25, database: 0.2, load: 0.5, machine: 1.98 }
    const pods: Point = { ...point('GET / by pods', 3, 6000), place: 'cluster', cores }
    const text = growthText([...points, pods])
    assert.match(
      text,
      /\| GET \/ \| 3 \| 6,000 \| 1 \| 2 \| 0 \| 1\.25 \| 0\.20 \| 0\.50 \| 1\.98 \|/,
    )
    assert.match(growthPlot([...points, pods]), /Rate over pods/)
  })
})

describe('the command line of the bench', () => {
  it('names what there is if something is asked for that is not', () => {
    const read = (...args: string[]) => readArguments(readOptions(args, options))
    assert.throws(() => read('--scenario', 'nothing'), /no scenario nothing; there are/)
    assert.throws(() => read('--place', 'nowhere'), /no place nowhere; there are/)
    assert.throws(() => read('--runs', 'many'), /A number above 0, not many/)
  })
})
