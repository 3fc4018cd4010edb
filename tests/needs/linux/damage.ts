// A data file with a log, as a killed service leaves it, and copies of it to damage.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { keepAlive } from './keep-alive.ts'
import { assertWhole, documentOf } from './ledger.ts'

const folder = temporaryFolder()
const original = join(folder, 'original.db')

/** The copy that is damaged. */
export const damaged = join(folder, 'damaged.db')
export const log = `${damaged}-wal`
export const logIndex = `${damaged}-shm`

/** A document, and how many bytes of the log it needs: 0 if the database file alone has it. */
export interface Written {
  readonly key: string
  logBytes: number
}

const frameBytes = 8192 + 24

/** Writes until the log was copied into the database once and has transactions since; kill -9. */
export async function writeOriginal(command: readonly string[]): Promise<Written[]> {
  const written: Written[] = []
  const service = await startProcess({ DATA_FILE: original }, command)
  const api = await keepAlive(service.port)
  let frames = 0
  for (let since = 0; since < 40; ) {
    const keys = Array.from({ length: 10 }, (_, n) => `k${written.length + n}`)
    const body = JSON.stringify(keys.map((key) => ({ _id: key, ...documentOf(key) })))
    assert.equal((await api.send('POST', '/data', body)).status, 201)
    const before = frames
    frames = readFileSync(`${original}-shm`).readUInt32LE(16)
    if (frames < before) for (const document of written) document.logBytes = 0
    if (frames < before || since > 0) since++
    for (const key of keys) written.push({ key, logBytes: 32 + frames * frameBytes })
  }
  api.close()
  service.signal('SIGKILL')
  await service.exited
  return written
}

/** Makes a fresh copy, with or without the log and the index of the log. */
export function copyOriginal({ withLog = true, withIndex = true } = {}): void {
  for (const end of ['', '-wal', '-shm']) rmSync(damaged + end, { force: true })
  for (const end of ['', ...(withLog ? ['-wal'] : []), ...(withLog && withIndex ? ['-shm'] : [])]) {
    copyFileSync(original + end, damaged + end)
  }
}

/** Flips one bit of the byte. */
export function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << randomInt(8))
  writeFileSync(file, bytes)
}

/** What became of the documents of a damaged file, by their keys. */
export interface Served {
  readonly whole: ReadonlySet<string>
  /** Answered with 503. */
  readonly unavailable: readonly string[]
  /** Answered with 404. */
  readonly absent: readonly string[]
}

/**
 * Starts on the copy and asks for each document. Throws if an answer shows a document that is
 * not whole, or if a start is refused without a clear message.
 */
export async function serveDamaged(
  command: readonly string[],
  written: readonly Written[],
): Promise<'refused' | Served> {
  const service = await startProcess({ DATA_FILE: damaged }, command).catch(String)
  if (typeof service === 'string') {
    const clear = `Error: the service ended with 1: The data file ${damaged} cannot be used: `
    assert.ok(service.startsWith(clear), service)
    return 'refused'
  }
  const whole = new Set<string>()
  const unavailable: string[] = []
  const absent: string[] = []
  const api = await keepAlive(service.port)
  try {
    for (const { key } of written) {
      const { status, text } = await api.send('GET', `/data/${key}`)
      if (status === 503) unavailable.push(key)
      else if (status === 404) absent.push(key)
      else {
        assert.equal(status, 200, text)
        assertWhole(JSON.parse(text), key)
        whole.add(key)
      }
    }
  } finally {
    api.close()
    service.signal('SIGKILL')
    await service.exited
  }
  return { whole, unavailable, absent }
}
