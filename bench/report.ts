// The text of bench/results.md, out of the runs.
import { type Goal, goals, isMet, type Lookup, speed } from './goals.ts'
import { type Backend, peerOf } from './peers.ts'
import type { Figures, Spread } from './runs.ts'
import { type Scenario, scenarioOf, scenarios } from './scenarios.ts'

interface Report {
  readonly figures: readonly Figures[]
  /** Rows on the machine and the versions. */
  readonly machine: readonly string[]
  /** What a person wrote about the figures, in Markdown. */
  readonly findings: string
  /** The growth, in Markdown. */
  readonly growth: string
}

const places: Readonly<Record<Backend, string>> = {
  ferretdb: 'ferretdb',
  mongod: 'mongod',
  'stand-in': 'stand-in',
  embedded: 'embedded SQLite',
}

// What a reader asks first: how fast it is beside what he would write himself.
const first: readonly (readonly [Backend, string, string])[] = [
  ['embedded', 'list-10', 'express-sqlite'],
  ['embedded', 'list-1000', 'express-sqlite'],
  ['embedded', 'list-100000', 'express-sqlite'],
  ['embedded', 'one', 'express-sqlite'],
  ['embedded', 'filter', 'express-sqlite'],
  ['embedded', 'post-64', 'express-sqlite'],
  ['mongod', 'list-1000', 'express'],
  ['mongod', 'one', 'express'],
  ['mongod', 'post-64', 'express'],
  ['ferretdb', 'post-64', 'express'],
  ['ferretdb', 'text', 'express'],
]

/** The report, in Markdown. */
export function reportText({ figures, machine, findings, growth }: Report): string {
  const find: Find = (place) => (scenario, peer) =>
    figures.find((each) => each.scenario === scenario && each.place === place && each.peer === peer)
  const rows = goals.flatMap((goal) => goalRow(goal, find(goal.place)))
  return `${[
    '# Results',
    '',
    ...opening(find, figures),
    '',
    'Written by `npm run bench`; [README.md](README.md) says how it measures. Medians of interleaved runs, in the tables below',
    'with the least and the most in brackets. The ratios matter; the rates are those of this machine.',
    '',
    '## Goals',
    '',
    '| goal | on | asked | reached | | measured |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    'The servers are named below. A real MongoDB answers single inserts and reads faster than either, so the ratios to one insert a round',
    'trip are smaller there. The stand-in is a server that costs next to nothing (see the README).',
    '',
    findings.trim(),
    '',
    growth.trim(),
    '',
    '## Where it was measured',
    '',
    '|  |  |',
    '|---|---|',
    ...machine,
    '',
    ...limitsText(figures),
    '## Every scenario',
    '',
    'Peak is resident memory while it is measured, CPU is seconds of the service for 1,000 requests. "Service",',
    '"load" and "database" are the shares of a core that they used. "Ours" is how many times as fast this service is.',
    'A table of an earlier day is of the build of that day.',
    ...scenarios.flatMap((scenario) =>
      scenario.places.flatMap((place) => scenarioTable(scenario, place, figures)),
    ),
  ].join('\n')}\n`
}

type Find = (place: Backend) => Lookup

function opening(find: Find, figures: readonly Figures[]): string[] {
  const rows = first.flatMap(([place, scenario, peer]) => {
    const [ours, theirs] = [find(place)(scenario, 'ours'), find(place)(scenario, peer)]
    const times = speed(find(place), scenario, peer)
    if (!ours || !theirs || times === undefined) return []
    return {
      times,
      cells: [
        scenarioOf(scenario).title,
        places[place],
        short(ours.rate.median),
        `${short(theirs.rate.median)} (${peerOf(peer).title})`,
        `${short(times)} x`,
      ],
    }
  })
  const times = rows.map((row) => row.times)
  const slower = times.filter((each) => each < 1).length
  return [
    `This service is ${short(Math.min(...times))} to ${short(Math.max(...times))} times as fast as Express beside it, and slower in ${slower} of these ${rows.length} rows. ${lossLine(figures)}`,
    '',
    '| | on | this service, a second | Express, a second | |',
    '|---|---|---|---|---|',
    ...rows.map(({ cells }) => `| ${cells.join(' | ')} |`),
  ]
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
  const dates: string[] = []
  const figure = goal.reached((scenario, peer) => {
    const found = of(scenario, peer)
    if (found) dates.push(day(found))
    return found
  })
  if (figure === undefined) return []
  const { text, place, atLeast, atMost } = goal
  const asked = atLeast === undefined ? `at most ${atMost} x` : `at least ${atLeast} x`
  const verdict = isMet(goal, figure) ? 'met' : '**not met**'
  return [
    `| ${text} | ${places[place]} | ${asked} | ${short(figure)} x | ${verdict} | ${dates.toSorted()[0]} |`,
  ]
}

// CPU time comes in hundredths of a second, and a window begins and ends between them.
const full = 0.9

// What the limit was in each row: the service, or the core of the load generator and the database.
function limitsText(figures: readonly Figures[]): string[] {
  const loaded = figures.filter(({ loadBusy }) => loadBusy.median > 0)
  const busiest = loaded.toSorted((left, right) => right.loadBusy.median - left.loadBusy.median)[0]
  if (!busiest) return []
  const name = ({ scenario, place, peer }: Figures) => `${scenario} ${place} ${peer}`
  const shared = (each: Figures) => each.loadBusy.median + each.databaseBusy.median
  const byService = loaded.filter(({ busy }) => busy.median >= full)
  const byShared = loaded.filter((each) => each.busy.median < full && shared(each) >= full)
  const neither = loaded.filter((each) => each.busy.median < full && shared(each) < full)
  const list = (rows: readonly Figures[]) => rows.map(name).join(', ') || 'none'
  return [
    '## Was the load generator the limit?',
    '',
    'Each run records the CPU time of the load generator, the service and the database. The load generator used at',
    `most ${busiest.loadBusy.most.toFixed(2)} of its core in any run (its highest median is ${busiest.loadBusy.median.toFixed(2)}, ${name(busiest)}).`,
    '',
    `- The service's own core was the limit (${full} of it or more used) in ${byService.length} of ${loaded.length} rows.`,
    `- Load and database, which share a core on a machine of two, filled it in ${byShared.length}: ${list(byShared)}.`,
    `- In ${neither.length} neither core was full: the service waits for answers of the database, for the disk, or the load is`,
    `  one connection. They are ${list(neither)}.`,
    '',
  ]
}

function scenarioTable(scenario: Scenario, place: Backend, figures: readonly Figures[]): string[] {
  const rows = figures.filter((each) => each.scenario === scenario.name && each.place === place)
  if (rows.length === 0) return []
  const measured = rows.map(day).toSorted()[0]
  const title = ['', `### ${scenario.title} (${places[place]}, ${measured})`, '']
  if (scenario.kind === 'start') {
    return [
      ...title,
      '| | first answer, ms | memory, MB |',
      '|---|---|---|',
      ...rows.map(({ peer, p50, peak }) => row(peer, range(p50), range(peak))),
    ]
  }
  const ours = rows.find(({ peer }) => peer === 'ours')
  const withFile = rows.some(({ file }) => file.median > 0)
  const unit = scenario.kind === 'lines' ? 'documents' : 'requests'
  return [
    ...title,
    `| | ${unit} a second | ours | p50, ms | p99, ms | peak, MB | CPU | service | load | database | failed |${withFile ? ' file, MB |' : ''}`,
    `|---|---|---|---|---|---|---|---|---|---|---|${withFile ? '---|' : ''}`,
    ...rows.map((each) =>
      row(
        each.peer,
        range(each.rate),
        ours ? `${short(ours.rate.median / each.rate.median)} x` : '',
        ...[short(each.p50.median), range(each.p99), short(each.peak.median)],
        ...[each.cpu.median.toFixed(3), each.busy.median.toFixed(2)],
        ...[each.loadBusy.median.toFixed(2), each.databaseBusy.median.toFixed(2)],
        String(each.failed),
        ...(withFile ? [each.file.median > 0 ? short(each.file.median) : ''] : []),
      ),
    ),
  ]
}

const day = ({ at }: Figures) => at.slice(0, 10)

const row = (peer: string, ...cells: readonly string[]) =>
  `| ${peerOf(peer).title} | ${cells.join(' | ')} |`

const range = ({ median, least, most }: Spread) =>
  `${short(median)} (${short(least)}-${short(most)})`

/** Three digits say all that such figures can. */
export const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString()
