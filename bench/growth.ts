// How the cost grows: one series a question, a point for each size.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../tests/support/free-port.ts'
import { type Database, startDatabase } from './database.ts'
import { documentText } from './documents.ts'
import { post } from './http-client.ts'
import { linesFile } from './lines.ts'
import { median } from './median.ts'
import { type Place, peerOf } from './peers.ts'
import { forgetPeak, residentMegabytes } from './process-use.ts'
import type { Point } from './raw.ts'
import { type Running, startPeer } from './service.ts'
import { idsOf, stockDatabase } from './stock.ts'
import { timedGet } from './timed.ts'
import { load, type Measured } from './wrk.ts'

export interface GrowthOptions {
  readonly place: Place
  /** Documents of each step, or connections. */
  readonly documents: readonly number[]
  readonly connections: readonly number[]
  readonly seconds: number
  readonly runs: number
  readonly keep: (point: Point) => void
}

/** Measures every step of both series at a place. */
export async function measureGrowth(options: GrowthOptions): Promise<void> {
  const { place, documents, connections } = options
  const folder = mkdtempSync(join(tmpdir(), 'bench-growth-'))
  const database = place === 'embedded' ? undefined : await startDatabase(place, folder)
  try {
    for (const count of documents) await documentsStep(options, count, database)
    for (const count of connections) await connectionsStep(options, count, database)
  } finally {
    await database?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function withService(
  database: Database | undefined,
  documents: number,
  work: (service: Running, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    if (database) await stockDatabase(database, documents)
    const uri = database?.uri
    const service = await startPeer(peerOf('ours'), { port: await freePort(), folder, uri })
    try {
      if (!database && documents > 0) {
        const file = linesFile(folder, documents)
        await post(`${service.base}/data`, 'application/x-ndjson', { file })
      }
      await work(service, folder)
    } finally {
      await service.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function documentsStep(
  options: GrowthOptions,
  documents: number,
  database: Database | undefined,
): Promise<void> {
  await withService(database, documents, async (service, folder) => {
    const ids = join(folder, 'ids')
    const some = sample(await idsOf(service, database), 10_000)
    writeFileSync(ids, some.join('\n'))
    const body = join(folder, 'body')
    writeFileSync(body, documentText())
    const args = { one: [ids], post: [body, join(folder, 'acknowledged')] }
    const middle = some[some.length >> 1] ?? ''
    const page = `/data?limit=100&after=${middle}`
    const step = (series: string, path: string, script: string, connections: number) =>
      measureStep(options, service, {
        ...{ series, path, script, connections, at: documents },
        args: script === 'one' || script === 'post' ? args[script] : [],
      })
    await step('GET /data/{id}', '/data', 'one', 64)
    await step('GET /data, 100 from the middle', page, 'get', 64)
    await wholeStep(options, service, documents)
    await step('POST', '/data', 'post', 64)
  })
}

async function connectionsStep(
  options: GrowthOptions,
  connections: number,
  database: Database | undefined,
): Promise<void> {
  await withService(database, 0, async (service, folder) => {
    const body = join(folder, 'body')
    writeFileSync(body, documentText())
    const args = [body, join(folder, 'acknowledged')]
    const at = connections
    const common = { at, connections }
    await measureStep(options, service, {
      ...{ ...common, series: 'GET /', path: '/', script: 'get', args: [] },
    })
    await measureStep(options, service, {
      ...{ ...common, series: 'POST by connections', path: '/data', script: 'post', args },
    })
  })
}

interface Step {
  readonly series: string
  readonly at: number
  readonly path: string
  readonly script: string
  readonly connections: number
  readonly args: readonly string[]
}

async function measureStep(options: GrowthOptions, service: Running, step: Step): Promise<void> {
  const { place, seconds, runs, keep } = options
  const { series, at, path, script, connections, args } = step
  const wanted = { url: `${service.base}${path}`, script, connections, args }
  await load({ ...wanted, seconds: 1 })
  forgetPeak(service.pids())
  const measured: Measured[] = []
  for (let run = 0; run < runs; run++) measured.push(await load({ ...wanted, seconds }))
  const peak = residentMegabytes(service.pids(), 'VmHWM')
  const of = (figure: (each: Measured) => number) => median(measured.map(figure))
  keep({
    ...{ series, place, at, peak },
    rate: of(({ requests, seconds }) => requests / seconds),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    failed: of(({ refused, broken, timeouts }) => refused + broken + timeouts),
  })
}

// A whole list may take longer than any window: one after the other, each to its end.
async function wholeStep(options: GrowthOptions, service: Running, at: number): Promise<void> {
  const { place, runs, keep } = options
  const url = `${service.base}/data`
  await timedGet(url)
  forgetPeak(service.pids())
  const times: number[] = []
  while (times.length < runs) times.push((await timedGet(url)).seconds)
  const peak = residentMegabytes(service.pids(), 'VmHWM')
  const middle = median(times)
  keep({
    ...{ series: 'GET /data, all of it', place, at, peak, failed: 0 },
    ...{ rate: 1 / middle, p50: middle * 1000, p99: Math.max(...times) * 1000 },
  })
}

// Evenly out of all of them.
function sample(ids: readonly string[], count: number): string[] {
  const step = Math.max(1, Math.floor(ids.length / count))
  return ids.filter((_, index) => index % step === 0)
}
