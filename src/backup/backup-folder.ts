// The folder of the backups: which there are, what they are called, and which are removed.
import { existsSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { quoted } from '../shown-text.ts'

/** Why a backup or a restore fails, in words for people. */
export class BackupFault extends Error {
  override readonly name = 'BackupFault'
}

const keptBackups = 7

const prefix = 'data-service-'
const ending = '.ndjson.gz'
const partEnding = '.part'
// The job's deadline is an hour: what is older belongs to one that was killed.
const oldestPart = 3_600_000

/** The backups, the newest first. A file has such a name once it was restored and compared. */
export function listBackups(folder: string) {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith(ending))
    .sort()
    .reverse()
    .map((name) => ({ name, bytes: statSync(join(folder, name)).size }))
}

/** The path of a backup. `latest` is the newest. @throws BackupFault */
export function findBackup(folder: string, asked: string): string {
  const all = listBackups(folder).map(({ name }) => name)
  const name = asked === 'latest' ? all[0] : all.find((each) => each === basename(asked))
  if (name !== undefined) return join(folder, name)
  const there = all.length === 0 ? 'there is none' : `there are ${all.join(', ')}`
  throw new BackupFault(`there is no backup ${quoted(asked)}: ${there}`)
}

/** Where a backup is written before it counts; each job has a file of its own. */
export const partFile = (folder: string, job: string): string =>
  join(folder, `${job}${ending}${partEnding}`)

/** Gives the part the name of a backup. From then on it counts. Two in the same second wait for each other. */
export async function publishBackup(folder: string, part: string): Promise<string> {
  for (; ; await sleep(200)) {
    const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
    const name = `${prefix}${time}Z${ending}`
    if (existsSync(join(folder, name))) continue
    renameSync(part, join(folder, name))
    return name
  }
}

/** Removes what killed jobs have left, and returns the names. */
export function removeDeadParts(folder: string): string[] {
  const now = Date.now()
  const dead = readdirSync(folder).filter(
    (name) => name.endsWith(partEnding) && now - statSync(join(folder, name)).mtimeMs > oldestPart,
  )
  for (const name of dead) rmSync(join(folder, name), { force: true })
  return dead
}

/** Removes all but the newest and `spared`, and returns the names. */
export function removeOldBackups(folder: string, spared?: string): string[] {
  const old = listBackups(folder)
    .slice(keptBackups)
    .map(({ name }) => name)
    .filter((name) => name !== spared)
  for (const name of old) rmSync(join(folder, name), { force: true })
  return old
}

/** `12.3 MiB`. */
export const formatSize = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

/** What the volume has left. */
export function freeSpace(folder: string): string {
  const { bavail, bsize, blocks } = statfsSync(folder)
  return `${formatSize(bavail * bsize)} of ${formatSize(blocks * bsize)} are free`
}
