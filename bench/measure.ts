// One run: a peer is started, warmed up, loaded and observed, and its documents are counted.
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  openAsBlob,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from './database.ts'
import {
  documentText,
  idsOf,
  jsonServerFile,
  post,
  stockDatabase,
  stockService,
  writeLines,
} from './documents.ts'
import { fetchWhole, type Load, load } from './load.ts'
import type { Backend, Peer } from './peers.ts'
import { cpuSeconds, resetPeak, residentMegabytes, spawnPinned } from './process.ts'
import type { Run } from './runs.ts'
import type { Scenario } from './scenarios.ts'
import { type Service, startPeer } from './service.ts'

interface Measuring {
  readonly scenario: Scenario
  readonly peer: Peer
  readonly place: Backend
  readonly database: Database | undefined
  readonly seconds: number
  readonly warmUp: number
  /** A folder with another build of this service, for the peer `base`. */
  readonly base: string | undefined
}

/** The result of a run, besides what the processes used meanwhile. */
type Found = Partial<Run> & Pick<Run, 'seconds' | 'requests'>

// Idle memory is what is left when the start's garbage is gone.
const idle = 5000

/** Measures one run. @throws Error if the peer or the load does not work */
export async function measure(measuring: Measuring): Promise<Run> {
  const { scenario, peer, database, base } = measuring
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    if (database) await stockDatabase(database, scenario.documents)
    if (peer.name === 'driver') return await measureDriver(measuring, folder)
    if (peer.name === 'json-server') {
      writeFileSync(join(folder, 'db.json'), jsonServerFile(scenario.documents))
    }
    const service = await startPeer(peer, { folder, uri: database?.uri, base })
    let run: Run
    try {
      if (!database && peer.name !== 'json-server') await stockService(service, scenario.documents)
      run = await measureService(measuring, folder, service)
    } finally {
      await service.stop()
    }
    const file = join(folder, 'documents.db')
    return scenario.kind === 'long' && existsSync(file)
      ? { ...run, file: statSync(file).size / 1e6 }
      : run
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function measureService(
  measuring: Measuring,
  folder: string,
  service: Service,
): Promise<Run> {
  const { kind } = measuring.scenario
  if (kind === 'start') return await measureStart(measuring, service)
  if (kind === 'lines') return await measureLines(measuring, folder, service)
  if (kind === 'long') return await measureLong(measuring, service)
  return await measureLoad(measuring, folder, service, kind)
}

// What every run has before it has figures.
const emptyRun = ({ scenario, peer, place, database }: Measuring): Run => ({
  scenario: scenario.name,
  place,
  peer: peer.name,
  at: new Date().toISOString(),
  server: database?.version ?? 'SQLite',
  ...{ seconds: 0, requests: 0, p50: 0, p99: 0, peak: 0, cpu: 0, loadBusy: 0, databaseBusy: 0 },
  ...{ failed: 0, acknowledged: 0, lost: 0 },
})

// Does the work, and records what the service and the database use meanwhile.
async function recorded(
  measuring: Measuring,
  pids: readonly number[],
  work: () => Promise<Found>,
): Promise<Run> {
  const { database } = measuring
  const databasePids = database?.pid === undefined ? [] : [database.pid]
  resetPeak(pids)
  const before = [performance.now() / 1000, cpuSeconds(pids), cpuSeconds(databasePids)] as const
  const found = await work()
  const seconds = performance.now() / 1000 - before[0]
  const cpu = cpuSeconds(pids) - before[1]
  const databaseBusy = (cpuSeconds(databasePids) - before[2]) / seconds
  return {
    ...emptyRun(measuring),
    cpu,
    databaseBusy,
    peak: residentMegabytes(pids, 'VmHWM'),
    ...found,
  }
}

async function measureStart(measuring: Measuring, { startedIn, pids }: Service): Promise<Run> {
  await sleep(idle)
  const peak = residentMegabytes(pids(), 'VmRSS')
  return { ...emptyRun(measuring), p50: startedIn, p99: startedIn, peak, requests: 1 }
}

async function measureLoad(
  measuring: Measuring,
  folder: string,
  service: Service,
  kind: Load['kind'],
): Promise<Run> {
  const { scenario, database, seconds, warmUp } = measuring
  const file = (name: string) => join(folder, name)
  const [ids, body, notes] = [file('ids'), file('body'), file('notes')] as const
  if (kind === 'one' || kind === 'mixed')
    writeFileSync(ids, (await idsOf(service, database)).join('\n'))
  writeFileSync(body, documentText())
  writeFileSync(notes, '')
  const { connections, path } = scenario
  const wanted = { url: `${service.origin}${path}`, kind, files: [ids, body, notes], connections }
  await load({ ...wanted, seconds: warmUp })
  const run = await recorded(measuring, service.pids(), () => load({ ...wanted, seconds }))
  const acknowledged = readFileSync(notes, 'utf8').split('\n').slice(0, -1)
  const present = new Set(acknowledged.length > 0 ? await idsOf(service, database) : [])
  const lost = acknowledged.filter((id) => !present.has(id)).length
  return { ...run, acknowledged: acknowledged.length, lost }
}

// A window of wrk would cut most of such answers: one after the other, each to its end.
async function measureLong(measuring: Measuring, service: Service): Promise<Run> {
  const { scenario, peer, seconds: least } = measuring
  const { path: ours } = scenario
  // The others have no operators.
  const path = peer.name.startsWith('ours') ? ours : ours.replace(':eq=', '=')
  const one = async () => {
    const answer = await fetchWhole(`${service.origin}${path}`)
    // A document has 1,024 bytes of JSON and an _id.
    if (answer.bytes > scenario.each * 1024) return answer
    throw new Error(`${peer.name} answered ${answer.bytes} bytes: documents are missing`)
  }
  await one()
  return await recorded(measuring, service.pids(), async () => {
    const answers = [await one()]
    const sum = (of: 'seconds' | 'cpu') => answers.reduce((all, each) => all + each[of], 0)
    while (answers.length < 2 || sum('seconds') < least) answers.push(await one())
    const times = answers
      .map(({ seconds }) => seconds * 1000)
      .toSorted((left, right) => left - right)
    const [p50 = 0, p99 = 0] = [times[times.length >> 1], times.at(-1)]
    const seconds = sum('seconds')
    return { seconds, requests: answers.length, loadBusy: sum('cpu') / seconds, p50, p99 }
  })
}

// 100,000 documents in one request; each counts as a request.
async function measureLines(measuring: Measuring, folder: string, service: Service): Promise<Run> {
  const { scenario, database } = measuring
  const body = await openAsBlob(writeLines(folder, scenario.each))
  const run = await recorded(measuring, service.pids(), async () => {
    const startedAt = performance.now()
    const answer = await post(service.origin, 'application/x-ndjson', body)
    const seconds = (performance.now() - startedAt) / 1000
    const { inserted }: { inserted: number } = JSON.parse(answer)
    const [p50, p99] = [seconds * 1000, seconds * 1000]
    return { seconds, requests: inserted, p50, p99 }
  })
  const present = database
    ? await database.collection.estimatedDocumentCount()
    : (await idsOf(service, undefined)).length
  return { ...run, acknowledged: run.requests, lost: Math.max(0, run.requests - present) }
}

// The bare driver: all the lines once, or 1,000 again and again for as long as the others are loaded.
async function measureDriver(measuring: Measuring, folder: string): Promise<Run> {
  const { scenario, database, seconds, warmUp } = measuring
  const isOnce = scenario.kind === 'lines'
  const file = writeLines(folder, isOnce ? scenario.each : 1000)
  const times = isOnce ? [] : [String(warmUp), String(seconds)]
  return await recorded(measuring, [], async () => {
    const child = spawnPinned(
      'service',
      ['node', 'bench/peers/driver-insert-many.js', file, ...times],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: process.env.PATH, MONGODB_URI: database?.uri },
      },
    )
    let output = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    await once(child, 'close')
    const found: Found = JSON.parse(output)
    return found
  })
}
