// `npm run bench`: measures the service and its peers in turn, and writes bench/results.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithUsage, readOrEnd } from '../command-line/read-options.ts'
import { options, readArguments, usage, type Wanted } from './arguments.ts'
import { type Database, startDatabase } from './database.ts'
import { figuresOf } from './figures.ts'
import { measureGrowth } from './growth.ts'
import { growthPlot, growthText } from './growth-report.ts'
import { install } from './install.ts'
import { machineLines, noteMachine } from './machine.ts'
import { measure } from './measure.ts'
import { type Place, peerOf } from './peers.ts'
import { keep, type Point, pointsOf, type Run, runsOf } from './raw.ts'
import { reportText } from './report.ts'
import type { Scenario } from './scenarios.ts'

async function measureSteps(wanted: Wanted, place: Place): Promise<void> {
  const { documents, connections, seconds, runs, points } = wanted
  const keepPoint = (point: Point) => {
    keep(points, point)
    process.stderr.write(`${JSON.stringify(point)}\n`)
  }
  await measureGrowth({ place, documents, connections, seconds, runs, keep: keepPoint })
}

async function measurePlace(wanted: Wanted, place: Place): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-database-'))
  const database = place === 'embedded' ? undefined : await startDatabase(place, folder)
  try {
    for (const scenario of wanted.scenarios) {
      if (scenario.places.includes(place)) await measureScenario(wanted, scenario, place, database)
    }
  } finally {
    await database?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

// In turn, A B C A B C: what the machine does meanwhile falls on all of them.
async function measureScenario(
  wanted: Wanted,
  scenario: Scenario,
  place: Place,
  database: Database | undefined,
): Promise<void> {
  const { only, seconds, warmUp, base, raw } = wanted
  const names = base === undefined ? scenario.peers : [...scenario.peers, 'base']
  const chosen = names
    .filter((name) => only === undefined || only.includes(name))
    .map(peerOf)
    .filter((peer) => peer.places.includes(place))
  for (let turn = 0; turn < wanted.runs; turn++) {
    for (const peer of chosen) {
      const measuring = { scenario, peer, place, database, seconds, warmUp, base, session }
      const run = await measure(measuring)
      keep(raw, run)
      process.stderr.write(`${line(run)}\n`)
    }
  }
}

const line = (run: Run) =>
  [
    ...[run.scenario.padEnd(12), run.place.padEnd(9), run.peer.padEnd(15)],
    `${(run.requests / Math.max(run.seconds, 1e-9)).toFixed(0).padStart(7)}/s`,
    `p50 ${run.p50.toFixed(2)} p99 ${run.p99.toFixed(2)} ms, ${run.peak.toFixed(0)} MB,`,
    `${((run.cpu / Math.max(run.requests, 1)) * 1000).toFixed(3)} CPU s a 1,000,`,
    `busy: wrk ${run.wrkBusy.toFixed(2)} db ${run.databaseBusy.toFixed(2)},`,
    `failed ${run.failed}, lost ${run.lost} of ${run.acknowledged}`,
  ].join(' ')

const session = new Date().toISOString()
const given = readOrEnd(options, usage)
let wanted: Wanted
try {
  wanted = readArguments(given)
} catch (error) {
  endWithUsage('bench', [error instanceof Error ? error.message : String(error)], usage)
}
if (!wanted.reportOnly) {
  install()
  noteMachine()
  const { places, documents, connections } = wanted
  const growth = documents.length + connections.length > 0
  for (const place of places) await (growth ? measureSteps : measurePlace)(wanted, place)
}
const runs = runsOf(wanted.raw)
const points = pointsOf(wanted.points)
if (runs.length === 0) throw new Error(`${wanted.raw} holds no runs: there is nothing to report.`)
writeFileSync(
  'bench/results.md',
  reportText({
    figures: figuresOf(runs),
    machine: machineLines(runs),
    findings: readFileSync('bench/findings.md', 'utf8'),
    growth: growthText(points),
  }),
)
if (points.length > 0) writeFileSync('bench/growth.svg', growthPlot(points))
process.exitCode = runs.some(({ lost }) => lost > 0) ? 1 : 0
