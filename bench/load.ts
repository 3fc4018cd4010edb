// The load generators, on a core of their own: wrk for many requests, curl for one long answer.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { cpuSeconds, spawnPinned } from './process.ts'

export interface Load {
  readonly url: string
  readonly kind: 'get' | 'one' | 'post' | 'mixed'
  /** Files: of ids to read, of the body to send, and for the ids that are acknowledged. */
  readonly files: readonly string[]
  readonly connections: number
  readonly seconds: number
}

export interface Loaded {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Answers of 400 and above, connections that broke, answers that did not come. */
  readonly failed: number
  /** The share of its core that wrk used: if it is near 1, wrk is measured and not the service. */
  readonly loadBusy: number
}

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

/** Loads the URL for `seconds`. @throws Error with wrk's own words */
export async function load({ url, kind, files, connections, seconds }: Load): Promise<Loaded> {
  const command = [
    ...['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '60s', '-s', script, url],
    ...['--', kind, ...files],
  ]
  const { output, cpu } = await outputOf(command)
  const line = output.split('\n').find((each) => each.startsWith('{'))
  if (line === undefined) throw new Error(`wrk: ${output.trim()}`)
  const figures: Omit<Loaded, 'loadBusy'> = JSON.parse(line)
  return { ...figures, loadBusy: cpu / figures.seconds }
}

interface Fetched {
  readonly seconds: number
  readonly bytes: number
  /** CPU seconds of curl. */
  readonly cpu: number
}

/** Fetches an answer to its end, however long it takes. @throws Error if it is not a complete 200 */
export async function fetchWhole(url: string): Promise<Fetched> {
  const format = '%{http_code} %{time_total} %{size_download}'
  const { output, cpu, code } = await outputOf([
    ...['curl', '--silent', '--max-time', '120', '-o', '/dev/null', '-w', format, url],
  ])
  const [status, seconds = 0, bytes = 0] = output.split(' ').map(Number)
  if (code !== 0 || status !== 200)
    throw new Error(`GET ${url}: ${output}, curl ended with ${code}`)
  return { seconds, bytes, cpu }
}

async function outputOf(command: readonly string[]) {
  const child = spawnPinned('load', command, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += chunk))
  child.stderr?.on('data', (chunk) => (output += chunk))
  // What it used until shortly before its end: a process that has ended cannot be asked.
  let cpu = 0
  const watch = setInterval(() => {
    cpu = Math.max(cpu, cpuSeconds([child.pid ?? 0]))
  }, 100)
  const [code] = await once(child, 'close')
  clearInterval(watch)
  return { output, cpu, code }
}
