// 100,000 lines of NDJSON in one request, against insertMany of the bare driver.
import { once } from 'node:events'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnOn } from './cores.ts'
import { linesText } from './documents.ts'
import { post } from './http-client.ts'
import { emptyRun, type Measuring } from './measure.ts'
import { cpuSeconds, forgetPeak, residentMegabytes } from './process-use.ts'
import type { Run } from './raw.ts'
import type { Running } from './service.ts'
import { idsOf } from './stock.ts'

/** Writes so many documents into a file in the folder, one a line. */
export function linesFile(folder: string, documents: number): string {
  const file = join(folder, 'documents.ndjson')
  writeFileSync(file, '')
  // In parts: a million documents are longer than a string may be.
  const part = 10_000
  for (let from = 0; from < documents; from += part) {
    appendFileSync(file, linesText(from, Math.min(part, documents - from)))
  }
  return file
}

/** Measures one upload; without a service, the driver alone. Each document counts as a request. */
export async function measureLines(
  measuring: Measuring,
  folder: string,
  service: Running | undefined,
): Promise<Run> {
  const { scenario, database } = measuring
  const file = linesFile(folder, scenario.each)
  const databasePids = database?.pid === undefined ? [] : [database.pid]
  const before = cpuSeconds(databasePids)
  const { inserted, seconds, cpu, peak } = service
    ? await upload(service, file)
    : await insertMany(database?.uri ?? '', file)
  const databaseBusy = (cpuSeconds(databasePids) - before) / seconds
  const present = database
    ? await database.collection.estimatedDocumentCount()
    : service
      ? (await idsOf(service, undefined)).length
      : 0
  const [p50, p99] = [seconds * 1000, seconds * 1000]
  return {
    ...emptyRun(measuring),
    ...{ seconds, requests: inserted, p50, p99, peak, cpu, databaseBusy },
    acknowledged: inserted,
    lost: Math.max(0, inserted - present),
  }
}

async function upload(service: Running, file: string) {
  const pids = service.pids()
  forgetPeak(pids)
  const before = cpuSeconds(pids)
  const startedAt = performance.now()
  const { status, body } = await post(`${service.base}/data`, 'application/x-ndjson', { file })
  const seconds = (performance.now() - startedAt) / 1000
  if (status !== 201) throw new Error(`NDJSON answered ${status}: ${body}`)
  const { inserted }: { inserted: number } = JSON.parse(body.toString())
  return {
    inserted,
    seconds,
    cpu: cpuSeconds(pids) - before,
    peak: residentMegabytes(pids, 'VmHWM'),
  }
}

async function insertMany(uri: string, file: string) {
  const child = spawnOn('service', ['node', 'bench/peers/driver-insert-many.js', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, MONGODB_URI: uri },
  })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += chunk))
  await once(child, 'close')
  const figures: Record<'inserted' | 'seconds' | 'cpu' | 'peak', number> = JSON.parse(output)
  return figures
}
