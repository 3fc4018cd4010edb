// The picture of a load test: its sentence, its figures, and that it needs nothing but itself.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { loadReport, writeLoadReport } from '../../deploy/load/load-report.ts'
import { facts, type LoadSample, readSamples, summarize } from '../../deploy/load/load-samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const recorded = readFileSync(
  new URL('../support/deploy/recorded/load.json', import.meta.url),
  'utf8',
)

const sample = (second: number, rest: Partial<LoadSample> = {}): LoadSample => ({
  time: new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString(),
  replicas: 2,
  cpu: 50,
  target: 70,
  requests: 1000,
  failures: 0,
  p50: 1,
  p95: 2,
  p99: 3,
  ...rest,
})

describe('the sentence of a load test', () => {
  it('says when the most replicas were there, and how many requests failed', () => {
    const samples = [
      sample(0),
      sample(48, { replicas: 3 }),
      sample(96, { replicas: 5, failures: 7 }),
    ]
    assert.equal(summarize(samples), '2 to 5 replicas after 96 s, 7 of 3,000 requests failed')
  })

  it('says that they went away again', () => {
    const idle = { requests: 0, p50: null, p95: null, p99: null }
    const samples = [sample(0), sample(60, { replicas: 5 }), sample(400, { ...idle, replicas: 2 })]
    assert.equal(
      summarize(samples),
      '2 to 5 replicas after 60 s, back to 2 after 400 s, 0 of 2,000 requests failed',
    )
  })

  it('says that nothing changed, and that nothing happened', () => {
    assert.equal(
      summarize([sample(0), sample(1)]),
      '2 replicas all the time, 0 of 2,000 requests failed',
    )
    assert.equal(summarize([]), 'The load test has no samples')
  })

  it('is that of a load test that was recorded', () => {
    assert.equal(
      summarize(readSamples(recorded)),
      '2 to 5 replicas after 56 s, back to 2 after 176 s, 0 of 183,033 requests failed',
    )
  })
})

describe('the figures of a load test', () => {
  const figureOf = (samples: readonly LoadSample[], name: string) =>
    facts(samples).find((fact) => fact.name === name)?.value

  it('leave out the seconds without load', () => {
    const samples = [
      sample(0),
      sample(1, { requests: 3000, p50: 5, p99: 90 }),
      sample(2, { requests: 0 }),
    ]
    assert.equal(figureOf(samples, 'Requests a second, mean'), '2,000')
    assert.equal(figureOf(samples, 'and at most'), '3,000')
    assert.equal(figureOf(samples, '99th percentile, worst second'), '90 ms')
  })

  it('are "none" if there is no figure', () => {
    const nothing = { cpu: null, target: null, p50: null, p95: null, p99: null }
    for (const samples of [[], [sample(0, nothing)]]) {
      for (const name of ['Median latency', 'CPU at most, target none']) {
        assert.equal(figureOf(samples, name), 'none', name)
      }
    }
  })
})

describe('the file of samples', () => {
  it('is refused if it is something else', () => {
    for (const text of [
      '{}',
      '[1]',
      '[{"time":"now"}]',
      JSON.stringify([{ ...sample(0), p50: 'x' }]),
    ]) {
      assert.throws(() => readSamples(text), TypeError, text)
    }
    assert.throws(() => readSamples('[{'), SyntaxError)
  })
})

describe('the picture of a load test', () => {
  const page = loadReport(readSamples(recorded))

  it('needs no network: nothing in it has an address, and its policy lets nothing in', () => {
    assert.doesNotMatch(page, /<(link|img|iframe|script[^>]* src)|@import|url\(/)
    assert.match(page, /Content-Security-Policy" content="default-src &#39;none&#39;/)
  })

  it('runs only the scripts and styles that its policy names', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    const inner = [...page.matchAll(/<(?:script|style)>([\s\S]*?)<\/(?:script|style)>/g)]
    assert.equal(inner.length, 4)
    for (const [, text = ''] of inner) {
      const sum = hash('sha256', text, 'base64')
      assert.ok(policy.includes(`sha256-${sum}`))
    }
  })

  it('has every second as a row for those who cannot see it', () => {
    assert.equal(page.match(/<tr><td>/g)?.length, readSamples(recorded).length)
  })

  it('draws failures if there are any, and says in one line that there are none', () => {
    assert.match(page, /<b>Failures<\/b> 0 failed/)
    assert.doesNotMatch(page, /<div id="failures">/)
    const failed = loadReport([sample(0), sample(1, { failures: 1 })])
    assert.match(failed, /<div id="failures">/)
    assert.doesNotMatch(failed, / 0 failed/)
  })

  it('cannot be ended early by what is in the samples', () => {
    const time = '2026-01-01T00:00:00Z'
    const text = JSON.stringify([
      { ...sample(0), time, extra: '</script><script>alert(1)</script>' },
    ])
    assert.doesNotMatch(loadReport(readSamples(text)), /<script>alert/)
  })

  it('is written beside the samples', () => {
    const [from, to] = [join(folder, 'load.json'), join(folder, 'load.html')]
    writeFileSync(from, recorded)
    assert.equal(writeLoadReport(from, to), summarize(readSamples(recorded)))
    assert.match(readFileSync(to, 'utf8'), /^<!doctype html>/)
  })
})
