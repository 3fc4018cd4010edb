// How the cost grows: one series per question, one point per size.
import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from './database.ts'
import { documentText, idsOf, post, stockDatabase, writeLines } from './documents.ts'
import { fetchWhole, type Load, type Loaded, load } from './load.ts'
import { type Backend, peerOf } from './peers.ts'
import { resetPeak, residentMegabytes } from './process.ts'
import { type Point, spread } from './runs.ts'
import { type Service, startPeer } from './service.ts'

interface GrowthOptions {
  readonly place: Backend
  readonly database: Database | undefined
  /** Documents of each step, or connections. */
  readonly documents: readonly number[]
  readonly connections: readonly number[]
  readonly seconds: number
  readonly runs: number
  /** A folder with the build before, which is measured too. */
  readonly base: string | undefined
  readonly keep: (point: Point) => void
}

interface Step {
  readonly options: GrowthOptions
  readonly peer: string
  readonly at: number
  readonly service: Service
  readonly folder: string
}

/** Measures every step of both series at a place. */
export async function measureGrowth(options: GrowthOptions): Promise<void> {
  const peers = options.base === undefined ? ['ours'] : ['ours', 'base']
  for (const at of options.documents) {
    for (const peer of peers) await withService(options, peer, at, at, documentsStep)
  }
  for (const at of options.connections) {
    for (const peer of peers) await withService(options, peer, at, 0, connectionsStep)
  }
}

async function withService(
  options: GrowthOptions,
  peer: string,
  at: number,
  documents: number,
  work: (step: Step) => Promise<void>,
): Promise<void> {
  const { database, base } = options
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    if (database) await stockDatabase(database, documents)
    const service = await startPeer(peerOf(peer), { folder, uri: database?.uri, base })
    try {
      if (!database && documents > 0) {
        await post(
          service.origin,
          'application/x-ndjson',
          await openAsBlob(writeLines(folder, documents)),
        )
      }
      await work({ options, peer, at, service, folder })
    } finally {
      await service.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function documentsStep(step: Step): Promise<void> {
  const ids = sample(await idsOf(step.service, step.options.database), 10_000)
  const middle = ids[ids.length >> 1] ?? ''
  const page = `/data?limit=100&after=${middle}`
  await loadStep(step, {
    series: 'GET /data/{id}',
    path: '/data',
    kind: 'one',
    connections: 64,
    ids,
  })
  await loadStep(step, {
    series: 'GET /data, 100 from the middle',
    path: page,
    kind: 'get',
    connections: 64,
  })
  await wholeStep(step)
  await loadStep(step, { series: 'POST', path: '/data', kind: 'post', connections: 64 })
}

async function connectionsStep(step: Step): Promise<void> {
  const connections = step.at
  await loadStep(step, { series: 'GET /', path: '/', kind: 'get', connections })
  await loadStep(step, { series: 'POST by connections', path: '/data', kind: 'post', connections })
}

interface Series {
  readonly series: string
  readonly path: string
  readonly kind: Load['kind']
  readonly connections: number
  readonly ids?: readonly string[]
}

async function loadStep(
  { options, peer, at, service, folder }: Step,
  series: Series,
): Promise<void> {
  const { place, seconds, runs, keep } = options
  const { kind, connections, path, ids = [] } = series
  const files = [join(folder, 'ids'), join(folder, 'body'), join(folder, 'notes')] as const
  writeFileSync(files[0], ids.join('\n'))
  writeFileSync(files[1], documentText())
  const wanted = { url: `${service.origin}${path}`, kind, files, connections }
  await load({ ...wanted, seconds: 1 })
  resetPeak(service.pids())
  const loaded: Loaded[] = []
  while (loaded.length < runs) loaded.push(await load({ ...wanted, seconds }))
  const of = (figure: (each: Loaded) => number) => spread(loaded.map(figure)).median
  keep({
    ...{ series: series.series, place, peer, at },
    rate: of((each) => each.requests / each.seconds),
    ...{ p50: of(({ p50 }) => p50), p99: of(({ p99 }) => p99), failed: of(({ failed }) => failed) },
    peak: residentMegabytes(service.pids(), 'VmHWM'),
  })
}

// A complete list may take longer than any window: one after the other, each to its end.
async function wholeStep({ options, peer, at, service }: Step): Promise<void> {
  const url = `${service.origin}/data`
  await fetchWhole(url)
  resetPeak(service.pids())
  const times: number[] = []
  while (times.length < options.runs) times.push((await fetchWhole(url)).seconds)
  const { median, most } = spread(times)
  options.keep({
    ...{ series: 'GET /data, all of it', place: options.place, peer, at, failed: 0 },
    ...{ rate: 1 / median, p50: median * 1000, p99: most * 1000 },
    peak: residentMegabytes(service.pids(), 'VmHWM'),
  })
}

// Evenly spread over all of them.
function sample(ids: readonly string[], count: number): string[] {
  const step = Math.max(1, Math.floor(ids.length / count))
  return ids.filter((_, index) => index % step === 0)
}
