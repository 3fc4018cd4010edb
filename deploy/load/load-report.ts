// load-report.ts: turns build/load.json into build/load.html, one file that needs no network.
import { hash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { type Html, html, trustedHtml } from '../../src/page/html.ts'
import { facts, type LoadSample, readSamples, secondsSince, summarize } from './load-samples.ts'

/** Writes the picture of the samples in `from` to `to`, and returns the sentence that sums it up. */
export function writeLoadReport(from = 'build/load.json', to = 'build/load.html'): string {
  const samples = readSamples(readFileSync(from, 'utf8'))
  writeFileSync(to, loadReport(samples))
  return summarize(samples)
}

/** The picture as HTML, with everything that it needs inside. */
export function loadReport(samples: readonly LoadSample[]): string {
  const style = own('style.css')
  const library = { script: packaged('uPlot.iife.min.js'), style: packaged('uPlot.min.css') }
  const scripts = [library.script, own('charts.js')]
  const styles = [library.style, style]
  const policy = [
    ["default-src 'none'"],
    ['script-src', ...scripts.map(hashSource)],
    ['style-src', ...styles.map(hashSource)],
  ]
  const title = summarize(samples)
  const last = samples.at(-1)
  const date = last && `${samples[0]?.time.slice(0, 19).replace('T', ' ')} UTC`
  const when = last ? ` of ${date}, ${secondsSince(samples, last)} s` : ''
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy.map((part) => part.join(' ')).join('; ')}">
<title>Load test: ${title}</title>
${styles.map((text) => trustedHtml(`<style>${text}</style>\n`))}</head>
<body>
<main>
<h1>${title}</h1>
<p class="when">Load test${when}</p>
<dl>${facts(samples).map(({ name, value }) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${charts.map((chart) => (chart.id === 'failures' && hasNone(samples) ? none : figure(chart)))}
${table(samples)}
</main>
<script type="application/json" id="data">${trustedHtml(JSON.stringify(chartData(samples)).replaceAll('<', '\\u003c'))}</script>
${scripts.map((text) => trustedHtml(`<script>${text}</script>\n`))}</body>
</html>
`.markup
}

const figure = ({ id, title, what }: Chart): Html => html`<figure>
<figcaption>${title} <span>${what}</span></figcaption>
<div id="${id}"></div>
</figure>
`

const hasNone = (samples: readonly LoadSample[]) => samples.every(({ failures }) => failures === 0)

const none = html`<p class="none"><b>Failures</b> 0 failed</p>
`

/** The same figures for a screen reader, for copying, and for a browser without scripts. */
const table = (samples: readonly LoadSample[]): Html => html`<details>
<summary>The figures as a table</summary>
<div class="table" role="region" aria-label="The figures" tabindex="0"><table id="figures">
<thead><tr>${headings.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${samples.map((sample) => row(sample, secondsSince(samples, sample)))}</tbody>
</table></div>
</details>`

// biome-ignore format: by kind, some in a line
const headings = [
  'Second', 'Replicas', 'CPU %', 'Target %', 'Requests', 'Failed',
  'p50 ms', 'p95 ms', 'p99 ms',
]

const row = (sample: LoadSample, second: number) => {
  const { replicas, cpu, target, requests, failures, p50, p95, p99 } = sample
  const cells = [second, replicas, cpu, target, requests, failures, p50, p95, p99]
  return html`<tr>${cells.map((cell) => html`<td>${cell ?? '-'}</td>`)}</tr>
`
}

// With Windows' line endings the text would not have the hash that the policy names.
const own = (file: string) =>
  readFileSync(new URL(`./page/${file}`, import.meta.url), 'utf8').replaceAll('\r\n', '\n')

const uplot = createRequire(import.meta.url).resolve('uplot/package.json')
const packaged = (file: string) =>
  readFileSync(new URL(`./dist/${file}`, pathToFileURL(uplot)), 'utf8')

const hashSource = (text: string) => `'sha256-${hash('sha256', text, 'base64')}'`

// Which charts the picture of a load test has, and what each of them draws.

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

interface Chart {
  readonly id: string
  readonly title: string
  readonly what: string
  /** After a value; and along the axis. */
  readonly unit: string
  readonly axis: string
  readonly lines: readonly Line[]
}

const charts: readonly Chart[] = [
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
const chartData = (samples: readonly LoadSample[]) => ({
  seconds: samples.map((sample) => secondsSince(samples, sample)),
  charts: charts.map(({ id, unit, axis, lines }) => ({
    id,
    unit,
    axis,
    lines: lines.map(({ of, ...line }) => line),
    values: lines.map(({ of }) => samples.map((sample) => sample[of])),
  })),
})

if (import.meta.main) {
  const sentence = writeLoadReport()
  console.log(`${sentence}\nwrote build/load.html: open it in a browser`)
}
