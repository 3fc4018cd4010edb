// Programs on cores of their own, and what they use: CPU seconds and resident memory, from /proc.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const last = availableParallelism() - 1

/** Lists of cores as taskset takes them. Two cores: the database shares the second with the load. */
export const coreLists = {
  service: '0',
  load: String(last),
  database: last > 2 ? `1-${last - 1}` : String(last),
} as const

/** Starts a program on its core. taskset becomes the program, so the process id is its own. */
export const spawnPinned = (
  core: keyof typeof coreLists,
  command: readonly string[],
  options: SpawnOptions,
): ChildProcess => spawn('taskset', ['-c', coreLists[core], ...command], options)

/** The process and all that it started, itself first. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = Number(stat(Number(name))?.[1] ?? 0)
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [pid]
  for (const each of tree) tree.push(...(children.get(each) ?? []))
  return tree
}

// Linux counts CPU time in hundredths of a second (USER_HZ), whatever the kernel's own tick is.
export const ticksPerSecond = 100

/** CPU seconds of these processes so far, user and system. */
export const cpuSeconds = (pids: readonly number[]): number =>
  sum(pids.map((pid) => Number(stat(pid)?.[11] ?? 0) + Number(stat(pid)?.[12] ?? 0))) /
  ticksPerSecond

/** MB that are resident now (VmRSS), or were at most since `resetPeak` (VmHWM). */
export const residentMegabytes = (pids: readonly number[], which: 'VmRSS' | 'VmHWM'): number =>
  sum(
    pids.map((pid) =>
      Number(new RegExp(`${which}:\\s+(\\d+)`).exec(read(pid, 'status'))?.[1] ?? 0),
    ),
  ) *
  (1024 / 1e6)

/** Resets the peak (proc(5), clear_refs). */
export function resetPeak(pids: readonly number[]): void {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

// The fields after the name of the program, which may hold spaces: state, parent, ...
const stat = (pid: number): string[] | undefined => read(pid, 'stat').split(') ').at(-1)?.split(' ')

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // it has ended
  }
}

const sum = (figures: readonly number[]): number => figures.reduce((left, right) => left + right, 0)
