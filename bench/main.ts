// `npm run bench`: measures the service and its peers in turn, and writes bench/results.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithUsage, readOrEnd } from '../command-line/read-options.ts'
import { options, readArguments, usage, type Wanted } from './arguments.ts'
import { type Database, startDatabase } from './database.ts'
import { measureGrowth } from './growth.ts'
import { growthPlot, growthText } from './growth-report.ts'
import { install, machineLines, noteMachine } from './machine.ts'
import { measure } from './measure.ts'
import { type Backend, peerOf } from './peers.ts'
import { reportText } from './report.ts'
import { figuresOf, keepLines, type Point, type Run, readLines } from './runs.ts'
import type { Scenario } from './scenarios.ts'

async function measurePlace(wanted: Wanted, place: Backend): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-database-'))
  const database = place === 'embedded' ? undefined : await startDatabase(place, folder)
  try {
    const { documents, connections } = wanted
    if (documents.length + connections.length > 0)
      await measureGrowth({ ...wanted, place, database, keep: keepPoint })
    else {
      for (const scenario of wanted.scenarios) {
        if (scenario.places.includes(place))
          await measureScenario(wanted, scenario, place, database)
      }
    }
  } finally {
    await database?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

// In turn, A B C A B C: what else the machine does affects all of them.
async function measureScenario(
  wanted: Wanted,
  scenario: Scenario,
  place: Backend,
  database: Database | undefined,
): Promise<void> {
  const { only, seconds, warmUp, base, raw } = wanted
  const chosen = scenario.peers
    .filter((name) => (name === 'base' ? base !== undefined : (only?.includes(name) ?? true)))
    .map(peerOf)
    .filter((peer) => peer.places.includes(place))
  const measured: Run[] = []
  for (let turn = 0; turn < wanted.runs; turn++) {
    for (const peer of chosen) {
      const run = await measure({ scenario, peer, place, database, seconds, warmUp, base })
      measured.push(run)
      process.stderr.write(`${line(run)}\n`)
      const isOld = (old: Run) =>
        old.scenario === scenario.name &&
        old.place === place &&
        chosen.some(({ name }) => name === old.peer)
      // After each run, so that nothing is lost if the bench is stopped.
      keepLines(raw, measured, isOld)
    }
  }
}

const keepPoint = (point: Point) => {
  const { series, place, peer, at } = point
  const isOld = (old: Point) =>
    old.series === series && old.place === place && old.peer === peer && old.at === at
  keepLines(wanted.points, [point], isOld)
  process.stderr.write(`${JSON.stringify(point)}\n`)
}

const line = (run: Run) =>
  [
    ...[run.scenario.padEnd(12), run.place.padEnd(9), run.peer.padEnd(15)],
    `${(run.requests / Math.max(run.seconds, 1e-9)).toFixed(0).padStart(7)}/s`,
    `p50 ${run.p50.toFixed(2)} p99 ${run.p99.toFixed(2)} ms, ${run.peak.toFixed(0)} MB,`,
    `${((run.cpu / Math.max(run.requests, 1)) * 1000).toFixed(3)} CPU s a 1,000,`,
    `busy: load ${run.loadBusy.toFixed(2)} db ${run.databaseBusy.toFixed(2)},`,
    `failed ${run.failed}, lost ${run.lost} of ${run.acknowledged}`,
  ].join(' ')

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
  for (const place of wanted.places) await measurePlace(wanted, place)
}
const runs = readLines<Run>(wanted.raw)
const points = readLines<Point>(wanted.points)
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
