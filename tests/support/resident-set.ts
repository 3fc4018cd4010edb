// The resident set of another process, and its peak while work runs.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Milliseconds between two looks. */
const interval = 100

/** Why it cannot be had here, or false. */
export const noResidentSet = process.platform === 'win32' ? 'there is no ps on Windows' : false

/** Bytes. From /proc where there is one: a ps of its own ten times a second would be load. */
export function residentSet(pid: number): number {
  if (process.platform !== 'linux') {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) * 1024
  }
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) * 1024
}

export interface Peak<T> {
  readonly result: T
  /** Bytes at the beginning of the work. */
  readonly before: number
  /** The most that was seen until its end. */
  readonly peak: number
}

/** Runs the work and watches the process meanwhile. */
export async function peakWhile<T>(pid: number, work: () => Promise<T>): Promise<Peak<T>> {
  const before = residentSet(pid)
  let peak = before
  const look = () => {
    peak = Math.max(peak, residentSet(pid))
  }
  const sampler = setInterval(look, interval)
  try {
    const result = await work()
    look()
    return { result, before, peak }
  } finally {
    clearInterval(sampler)
  }
}
