// Answers so long that few fit into any window: each is fetched whole and timed by curl, on the load's core.
import { once } from 'node:events'
import { spawnOn } from './cores.ts'
import { cpuSeconds } from './process-use.ts'

export interface Timed {
  readonly seconds: number
  readonly bytes: number
  /** CPU seconds of curl. */
  readonly cpu: number
}

/** Fetches the URL to its end. @throws Error where the answer is not a whole 200 */
export async function timedGet(url: string): Promise<Timed> {
  const format = '%{http_code} %{time_total} %{size_download}'
  const command = ['curl', '--silent', '--max-time', '120', '-o', '/dev/null', '-w', format, url]
  const child = spawnOn('load', command, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += chunk))
  let cpu = 0
  const watch = setInterval(() => {
    cpu = Math.max(cpu, cpuSeconds([child.pid ?? 0]))
  }, 100)
  const [code] = await once(child, 'close')
  clearInterval(watch)
  const [status, seconds, bytes] = output.split(' ').map(Number)
  if (code !== 0 || status !== 200)
    throw new Error(`GET ${url}: ${output}, curl ended with ${code}`)
  return { seconds: seconds ?? 0, bytes: bytes ?? 0, cpu }
}
