// The load generator: wrk with a script of wrk/, on a core of its own, and what it cost.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { spawnOn } from './cores.ts'
import { cpuSeconds } from './process-use.ts'

export interface Load {
  readonly url: string
  /** A script in wrk/, without its ending. */
  readonly script: string
  readonly args?: readonly string[]
  readonly connections: number
  readonly seconds: number
}

export interface Measured {
  readonly requests: number
  readonly seconds: number
  readonly bytes: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Answers of 400 and above. */
  readonly refused: number
  /** Connections that failed. */
  readonly broken: number
  readonly timeouts: number
  /** The share of its core that wrk used: near 1, it and not the service would be measured. */
  readonly wrkBusy: number
}

/** Loads the URL for so many seconds. @throws Error with wrk's own words */
export async function load({
  url,
  script,
  args = [],
  connections,
  seconds,
}: Load): Promise<Measured> {
  const file = fileURLToPath(new URL(`wrk/${script}.lua`, import.meta.url))
  const command = [
    ...['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '60s', '-s', file, url],
    ...['--', ...args],
  ]
  const child = spawnOn('load', command, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += chunk))
  child.stderr?.on('data', (chunk) => (output += chunk))
  let cpu = 0
  const watch = setInterval(() => {
    cpu = Math.max(cpu, cpuSeconds([child.pid ?? 0]))
  }, 100)
  await once(child, 'close')
  clearInterval(watch)
  const line = output.split('\n').find((each) => each.startsWith('{'))
  if (line === undefined) throw new Error(`wrk: ${output.trim()}`)
  const figures: Omit<Measured, 'wrkBusy'> = JSON.parse(line)
  return { ...figures, wrkBusy: cpu / figures.seconds }
}
