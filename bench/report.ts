// The text of bench/results.md, out of the runs.
import type { Figures, figuresOf } from './figures.ts'
import { type Goal, goals, isMet, type Lookup } from './goals.ts'
import { limitsText } from './limits.ts'
import type { Spread } from './median.ts'
import { type Place, peerOf } from './peers.ts'
import { type Scenario, scenarios } from './scenarios.ts'

export interface Report {
  readonly figures: ReturnType<typeof figuresOf>
  /** Rows on the machine and the versions. */
  readonly machine: readonly string[]
  /** What a person wrote about the figures, in Markdown. */
  readonly findings: string
  /** The growth, in Markdown. */
  readonly growth: string
}

const places: Readonly<Record<Place, string>> = {
  ferretdb: 'ferretdb',
  mongod: 'mongod',
  'stand-in': 'stand-in',
  embedded: 'embedded SQLite',
}

/** The report, in Markdown. */
export function reportText({ figures, machine, findings, growth }: Report): string {
  const find = (place: Place) => (scenario: string, peer: string) =>
    figures.find((each) => each.scenario === scenario && each.place === place && each.peer === peer)
  return `${[
    '# Results',
    '',
    'Written by `npm run bench`; [README.md](README.md) says how it measures. Medians of interleaved runs,',
    'with the least and the most in brackets. The ratios matter; the rates are those of this machine.',
    '',
    '|  |  |',
    '|---|---|',
    ...machine,
    '',
    lossLine(figures),
    '',
    '## Goals',
    '',
    '| goal | on | asked | reached | |',
    '|---|---|---|---|---|',
    ...goals.flatMap((goal) => goalRow(goal, find(goal.place))),
    '',
    'The servers are named in the table above. A real MongoDB answers single inserts and reads faster than',
    'either, so the ratios to one insert a round trip are smaller there. The stand-in is a server that costs next',
    'to nothing (see the README): where the database is not the limit.',
    '',
    ...beforeAndAfter(figures),
    findings.trim(),
    '',
    growth.trim(),
    '',
    ...limitsText(figures),
    '## Every scenario',
    '',
    'Peak is resident memory while it is measured, CPU is seconds of the service for 1,000 requests. "Service",',
    '"load" and "database" are the shares of a core that they used. "Ours" is how many times as fast this service is.',
    ...scenarios.flatMap((scenario) =>
      scenario.places.flatMap((place) => scenarioTable(scenario, place, figures)),
    ),
  ].join('\n')}\n`
}

function lossLine(figures: readonly Figures[]): string {
  const sum = (figure: (each: Figures) => number) =>
    figures.reduce((all, each) => all + figure(each), 0)
  const acknowledged = sum((each) => each.acknowledged).toLocaleString('en')
  const losers = figures.filter(({ lost }) => lost > 0)
  if (losers.length === 0) {
    return `Every one of the ${acknowledged} documents that were acknowledged in these runs was there afterwards.`
  }
  const list = losers.map(
    ({ peer, scenario, place, lost }) => `${peer} ${lost} (${scenario}, ${places[place]})`,
  )
  return `Of ${acknowledged} acknowledged documents these were **not** there afterwards: ${list.join(', ')}.`
}

function goalRow(goal: Goal, of: Lookup): string[] {
  const figure = goal.reached(of)
  if (figure === undefined) return []
  const { text, place, atLeast, atMost, unit } = goal
  const asked = atLeast === undefined ? `at most ${atMost}${unit}` : `at least ${atLeast}${unit}`
  const verdict = isMet(goal, figure) ? 'met' : '**not met**'
  return [`| ${text} | ${places[place]} | ${asked} | ${short(figure)}${unit} | ${verdict} |`]
}

// What the changes behind the profiles brought: the peer `base` is the build before them.
function beforeAndAfter(figures: readonly Figures[]): string[] {
  const rows = figures.flatMap((before) => {
    const { scenario, place } = before
    const same = (each: Figures) => each.scenario === scenario && each.place === place
    const after = figures.find((each) => each.peer === 'ours' && same(each))
    if (before.peer !== 'base' || !after) return []
    const pair = (figure: (each: Figures) => number) =>
      `${short(figure(before))} -> ${short(figure(after))}`
    const first =
      scenario === 'start'
        ? `${pair(({ p50 }) => p50.median)} ms`
        : `${pair(({ rate }) => rate.median)} requests a second`
    const cpu = scenario === 'start' ? '' : pair(({ cpu }) => cpu.median)
    return `| ${scenario} | ${places[place]} | ${first} | ${cpu} | ${pair(({ peak }) => peak.median)} |`
  })
  if (rows.length === 0) return []
  return [
    '## Before and after',
    '',
    'This service before the changes that the profiles led to, and now, in turns with the others.',
    '',
    '| scenario | on | | CPU | peak or idle memory, MB |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ]
}

function scenarioTable(scenario: Scenario, place: Place, figures: readonly Figures[]): string[] {
  const rows = figures.filter((each) => each.scenario === scenario.name && each.place === place)
  if (rows.length === 0) return []
  const title = ['', `### ${scenario.title} (${places[place]})`, '']
  if (scenario.kind === 'start') {
    return [
      ...title,
      '| | first answer, ms | memory, MB |',
      '|---|---|---|',
      ...rows.map(({ peer, p50, peak }) => row(peer, range(p50), range(peak))),
    ]
  }
  const ours = rows.find(({ peer }) => peer === 'ours')
  const unit = scenario.kind === 'lines' ? 'documents' : 'requests'
  return [
    ...title,
    `| | ${unit} a second | ours | p50, ms | p99, ms | peak, MB | CPU | service | load | database | failed |`,
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map((each) =>
      row(
        each.peer,
        range(each.rate),
        ours ? `${short(ours.rate.median / each.rate.median)} x` : '',
        ...[short(each.p50.median), range(each.p99), short(each.peak.median)],
        ...[each.cpu.median.toFixed(3), each.busy.median.toFixed(2)],
        ...[each.wrkBusy.median.toFixed(2), each.databaseBusy.median.toFixed(2)],
        String(each.failed),
      ),
    ),
  ]
}

const row = (peer: string, ...cells: readonly string[]) =>
  `| ${peerOf(peer).title} | ${cells.join(' | ')} |`

const range = ({ median, least, most }: Spread) =>
  `${short(median)} (${short(least)}-${short(most)})`

// Three digits say all that such figures can.
const short = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString()
