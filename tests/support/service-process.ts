// The service as a process of its own: for signals, exit codes, memory and crashes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'

export interface ServiceProcess {
  readonly child: ChildProcess
  readonly port: number
  readonly base: string
  /** Everything on standard output so far, one line per entry. */
  readonly lines: string[]
  /** Everything on standard error so far, in pieces. */
  readonly errors: string[]
  signal(name: NodeJS.Signals): void
  /** Resolves with the exit code, or with the signal that ended it. */
  readonly exited: Promise<number | string>
}

export interface Finished {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

/** An undefined one is left out, even if there is a default for it below. */
type Settings = Readonly<Record<string, string | undefined>>

// As the image runs it, but from source.
const main = ['--max-semi-space-size=8', 'src/main.ts']
const source = [process.execPath, ...main]

/** Where Node keeps what it has compiled: a program then starts in 160 ms instead of 250. */
export const compileCache = join(import.meta.dirname, '../../node_modules/.cache/node')

// The settings of whoever runs the tests must not reach the service.
function environment(settings: Settings): NodeJS.ProcessEnv {
  const { PATH, NODE_V8_COVERAGE, TMPDIR } = process.env
  // Coverage is less exact for what comes out of the cache.
  const cache = NODE_V8_COVERAGE ? {} : { NODE_COMPILE_CACHE: compileCache }
  return { PATH, NODE_V8_COVERAGE, TMPDIR, ...cache, ...settings }
}

// A test that fails leaves its processes behind; they would keep the test runner waiting.
const started = new Set<ChildProcess>()
after(() => {
  for (const child of started) child.kill('SIGKILL')
})

/**
 * Starts the service on a free port and waits until it listens. `command` is `node src/main.ts`
 * if it is left out.
 */
export async function startProcess(
  settings: Settings,
  [command = '', ...args]: readonly string[] = source,
): Promise<ServiceProcess> {
  // Raw requests name any host: what is answered to which name has tests of its own.
  const defaults = { PORT: '0', HOST: '127.0.0.1', ALLOWED_HOSTS: '*' }
  const env = environment({ ...defaults, ...settings })
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  started.add(child)
  const lines: string[] = []
  const errors: string[] = []
  child.stderr.on('data', (chunk) => errors.push(String(chunk)))
  const exited = once(child, 'exit').then(([code, signal]): number | string => {
    started.delete(child)
    return code ?? signal
  })
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      const [, found] = /listening on http:\/\/localhost:(\d+)/.exec(line) ?? []
      if (found) resolve(Number(found))
    })
    child.once('close', (code) =>
      reject(new Error(`the service ended with ${code}: ${errors.join('')}`)),
    )
  })
  child.stderr.pipe(process.stderr, { end: false })
  return {
    child,
    port,
    base: `http://127.0.0.1:${port}`,
    lines,
    errors,
    exited,
    signal: (name) => child.kill(name),
  }
}

/** Runs the service until it ends on its own. */
export async function runToEnd(
  settings: Settings,
  [command = '', ...args]: readonly string[] = source,
): Promise<Finished> {
  const child = spawn(command, args, { env: environment(settings) })
  started.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const [code, signal] = await once(child, 'close')
  return { code: code ?? signal, stdout, stderr }
}
