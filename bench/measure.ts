// One run: a peer is started, warmed, loaded and looked after, and its documents are counted.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../tests/support/free-port.ts'
import type { Database } from './database.ts'
import { arrayText, documentText } from './documents.ts'
import { measureLines } from './lines.ts'
import { measureLongList } from './long-list.ts'
import type { Peer, Place } from './peers.ts'
import { cpuSeconds, forgetPeak, residentMegabytes } from './process-use.ts'
import type { Run } from './raw.ts'
import type { Scenario } from './scenarios.ts'
import { type Running, startPeer } from './service.ts'
import { idsOf, stockDatabase, stockService } from './stock.ts'
import { load } from './wrk.ts'

export interface Measuring {
  readonly scenario: Scenario
  readonly peer: Peer
  readonly place: Place
  readonly database: Database | undefined
  readonly seconds: number
  readonly warmUp: number
  readonly base: string | undefined
  /** When this measurement began: a later one takes the place of it. */
  readonly session: string
}

// Idle memory is what is left when the start's garbage is gone.
const idle = 5000

/** Measures one run. @throws Error where the peer or wrk does not work */
export async function measure(measuring: Measuring): Promise<Run> {
  const { scenario, peer, place, database, base } = measuring
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  if (peer.name === 'json-server') writeFileSync(join(folder, 'db.json'), stockFile(scenario))
  try {
    if (database) await stockDatabase(database, scenario.documents)
    if (peer.name === 'driver') return await measureLines(measuring, folder, undefined)
    const port = await freePort()
    const service = await startPeer(peer, { port, folder, uri: database?.uri, base })
    try {
      if (place === 'embedded' && peer.name !== 'json-server') {
        await stockService(service, scenario.documents)
      }
      if (scenario.kind === 'start') return await measureStart(measuring, service)
      if (scenario.kind === 'lines') return await measureLines(measuring, folder, service)
      if (scenario.kind === 'long') return await measureLongList(measuring, service)
      return await measureLoad(measuring, folder, service)
    } finally {
      await service.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

// json-server reads its documents once, when it starts.
function stockFile({ documents }: Scenario): string {
  const items = Array.from({ length: documents }, (_, index) => ({
    _id: index + 1,
    ...JSON.parse(documentText(index)),
  }))
  return JSON.stringify({ data: items })
}

/** What every run has, and no figures yet. */
export const emptyRun = ({ scenario, peer, place, database, session }: Measuring): Run => ({
  session,
  scenario: scenario.name,
  place,
  peer: peer.name,
  at: new Date().toISOString(),
  server: database?.version ?? 'SQLite',
  ...{ seconds: 0, requests: 0, p50: 0, p99: 0, peak: 0, cpu: 0, wrkBusy: 0, databaseBusy: 0 },
  ...{ failed: 0, acknowledged: 0, lost: 0 },
})

async function measureStart(measuring: Measuring, service: Running): Promise<Run> {
  await sleep(idle)
  const { startedIn } = service
  const peak = residentMegabytes(service.pids(), 'VmRSS')
  return { ...emptyRun(measuring), p50: startedIn, p99: startedIn, peak, requests: 1 }
}

async function measureLoad(measuring: Measuring, folder: string, service: Running): Promise<Run> {
  const { scenario, database, seconds, warmUp } = measuring
  const notes = join(folder, 'acknowledged')
  const args = await scriptArguments(scenario, folder, notes, service, database)
  const { kind: script, connections, path } = scenario
  const wanted = { url: `${service.base}${path}`, script, args, connections }
  await load({ ...wanted, seconds: warmUp })

  const run = await recorded(measuring, service, async () => {
    const measured = await load({ ...wanted, seconds })
    const { requests, p50, p99, wrkBusy, refused, broken, timeouts } = measured
    const failed = refused + broken + timeouts
    return { seconds: measured.seconds, requests, p50, p99, wrkBusy, failed }
  })

  const acknowledged = existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').slice(0, -1) : []
  const present = new Set(acknowledged.length > 0 ? await idsOf(service, database) : [])
  const lost = acknowledged.filter((id) => !present.has(id)).length
  return { ...run, acknowledged: acknowledged.length, lost }
}

/** Does the work, and records what the service and the database use meanwhile. */
export async function recorded(
  measuring: Measuring,
  service: Running,
  work: () => Promise<Partial<Run> & { seconds: number }>,
): Promise<Run> {
  const { database } = measuring
  const pids = service.pids()
  const databasePids = database?.pid === undefined ? [] : [database.pid]
  forgetPeak(pids)
  const before = [cpuSeconds(pids), cpuSeconds(databasePids)] as const
  const figures = await work()
  const cpu = cpuSeconds(pids) - before[0]
  const databaseBusy = (cpuSeconds(databasePids) - before[1]) / figures.seconds
  const peak = residentMegabytes(pids, 'VmHWM')
  return { ...emptyRun(measuring), ...figures, cpu, databaseBusy, peak }
}

async function scriptArguments(
  { kind, each }: Scenario,
  folder: string,
  notes: string,
  service: Running,
  database: Database | undefined,
): Promise<string[]> {
  const args: string[] = []
  if (kind === 'one' || kind === 'mixed') {
    const file = join(folder, 'ids')
    writeFileSync(file, (await idsOf(service, database)).join('\n'))
    args.push(file)
  }
  if (kind === 'post' || kind === 'mixed') {
    const file = join(folder, 'body')
    writeFileSync(file, each === 1 ? documentText() : arrayText(each))
    args.push(file, notes)
  }
  return args
}
