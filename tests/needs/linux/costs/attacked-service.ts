// The service as its container runs it, on a core of its own; its memory, its budgets, its end.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../support/free-port.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { keepAlive, type Reply } from '../keep-alive.ts'

type Settings = Readonly<Record<string, string>>

export interface AttackedService {
  readonly port: number
  readonly base: string
  readonly alive: boolean
  /** Exit code or signal, if it has ended, and what it said last. */
  readonly end: string
  /** Forgets the peak so far. */
  resetPeak(): void
  /** Bytes that were resident at most since then. */
  peak(): number
  /** Resolves with what its budgets still hold when that is nothing, or after N milliseconds. */
  holds(within: number): Promise<string[]>
  /** Asks it to end. Its exit code, or the signal that ended it. */
  stop(): Promise<number | string>
  /** Ends it at once, if it still runs: it would take the time of those after it. */
  kill(): void
}

/** As in the image and in manifests/: half of the pod's memory is the heap's, an eighth the bodies'. */
export const podSettings = { NODE_OPTIONS: '--max-old-space-size=256', MAX_BODIES: '64MiB' }

const folder = temporaryFolder()
const files = 12_000
const started = new Set<ChildProcess>()
after(() => {
  for (const child of started) child.kill('SIGKILL')
})

/** Starts it and waits until it answers. What it logs goes into a file: to read it would be load. */
export async function startAttacked(
  main: string,
  settings: Settings,
  core = '0',
): Promise<AttackedService> {
  const port = await freePort()
  const log = join(folder, `${port}.log`)
  const sink = openSync(log, 'a')
  const flags = ['--max-semi-space-size=8', '--heap-growing-percent=300']
  const node = [process.execPath, ...flags, main]
  const script = `ulimit -n ${files} && exec taskset -c ${core} "$@"`
  const { PATH } = process.env
  const child = spawn('bash', ['-c', script, 'bash', ...node], {
    env: { PATH, HOST: '127.0.0.1', PORT: String(port), ...settings },
    stdio: ['ignore', sink, sink],
  })
  started.add(child)
  const pid = child.pid ?? 0
  const exited = once(child, 'exit').then(([code, signal]): number | string => {
    started.delete(child)
    return code ?? signal
  })
  const base = `http://127.0.0.1:${port}`
  const alive = () => child.exitCode === null && child.signalCode === null
  const lastWords = () => readFileSync(log, 'utf8').slice(-2000)
  const isReady = async () => (await ask(port, '/readyz')).status === 200
  while (!(await isReady().catch(() => false))) {
    if (!alive()) throw new Error(`it did not start: ${lastWords()}`)
    await sleep(20)
  }
  return {
    port,
    base,
    get alive() {
      return alive()
    },
    get end() {
      return `${child.exitCode ?? child.signalCode}: ${lastWords()}`
    },
    resetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, '5'),
    peak: () => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024
    },
    holds: (within) => untilNothingIsHeld(port, within),
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
      const code = await exited
      clearTimeout(timer)
      return code
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Asks on a connection of its own. Rejects if there is no answer in five seconds. */
async function ask(port: number, path: string): Promise<Reply> {
  const api = await keepAlive(port)
  const timer = setTimeout(api.close, 5_000)
  try {
    return await api.send('GET', path)
  } finally {
    clearTimeout(timer)
    api.close()
  }
}

// What each gauge says when nothing is left: the request for the metrics itself is in flight.
const atRest: Readonly<Record<string, number>> = {
  http_requests_in_flight: 1,
  http_requests_waiting: 0,
  http_answers_waiting_bytes: 0,
  http_bodies_bytes: 0,
  store_waiting_documents: 0,
}

async function untilNothingIsHeld(port: number, within: number): Promise<string[]> {
  const until = Date.now() + within
  for (;;) {
    const held = await heldNow(port).catch((error: unknown) => [String(error)])
    if (held.length === 0 || Date.now() > until) return held
    await sleep(50)
  }
}

async function heldNow(port: number): Promise<string[]> {
  const { text } = await ask(port, '/metrics')
  return Object.entries(atRest).flatMap(([name, expected]) => {
    const [line, value] = new RegExp(`^${name} (\\d+)$`, 'm').exec(text) ?? []
    return line === undefined || Number(value) === expected ? [] : [line]
  })
}
