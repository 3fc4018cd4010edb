// A copy of the project with recorded tools on PATH, in which either script can be run.
import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compileCache } from '../service-process.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
// The test runner's own variables would make node in the scripts a part of it.
const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...environment } = process.env
// A proxy has no way to the server of these tests.
const inherited = { ...environment, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' }
const recorded = fileURLToPath(new URL('recorded', import.meta.url))
const recordedTool = join(recorded, 'tool')
/** What waits in the scripts' programs waits a tenth of the time. */
const fastClock = `--import=${pathToFileURL(join(recorded, 'fast-clock.mjs'))}`
/** For a run in which something else is waited for too: the clock as it is. */
export const realClock = { NODE_OPTIONS: '' }
const scripts = ['deploy.sh', 'deploy.ps1', 'Dockerfile', '.dockerignore']
// Linked, so that Node's compile cache knows them: a program of deploy/ then starts in 80 ms instead of 190.
// biome-ignore format: by kind, some in a line
const linked = [
  'command-line', 'deploy', 'manifests', 'manifests.ts', 'package.json', 'src',
  'node_modules',
]

export type Script = 'deploy.sh' | 'deploy.ps1'

export interface Run {
  code: number
  out: string
  err: string
  /** Every call of a tool, its words separated by one space. */
  calls: string[]
}

export interface World {
  folder: string
  /** Makes something true of the machine: `exists`, `running`, `fault-build`, with a text if need be. */
  set(fact: string, text?: string): void
  has(fact: string): boolean
  /** A tool that is not on this machine. */
  remove(tool: string): void
  /** Runs a script; `interruptAt` sends Ctrl+C to its whole group once it has shown such a line. */
  run(
    script: Script,
    words: readonly string[],
    env?: NodeJS.ProcessEnv,
    interruptAt?: RegExp,
  ): Promise<Run>
  /** Gives lines to the script's own shell, as a person would paste them. */
  paste(script: Script, lines: string): Promise<Run>
  /** A tool of this machine, in bash, instead of the one that it has. */
  fake(tool: string, lines: string): void
  /** As after git clone: no node_modules, and an npm that brings them, or some if it is not told. */
  withoutPackages(brings?: 'some'): void
  close(): void
}

// POWERSHELL=powershell is Windows PowerShell 5.1.
const wanted = process.env.POWERSHELL || 'pwsh'

/** The PowerShell to run, or undefined: the PowerShell half of the suite needs it. */
export function findPwsh(): string | undefined {
  try {
    execFileSync(wanted, ['-NoProfile', '-Command', 'exit'], { stdio: 'ignore' })
    return wanted
  } catch {
    return undefined
  }
}

/** Why Ctrl+C cannot be tried. */
export const noSignals =
  process.platform === 'win32' && 'Windows has no signal for all programs of a window'

// A fresh Windows runs no script from a file.
const powershellOptions =
  process.platform === 'win32' ? ['-NoProfile', '-ExecutionPolicy', 'Bypass'] : ['-NoProfile']

/** Puts the recorded tool on PATH under this name. Windows starts only what has an ending that it knows. */
function putTool(bin: string, tool: string): void {
  symlinkSync(recordedTool, join(bin, tool))
  if (process.platform !== 'win32') return
  const program = recordedTool.replaceAll('\\', '/')
  writeFileSync(join(bin, `${tool}.cmd`), `@set RECORDED_TOOL=${tool}\r\n@bash "${program}" %*\r\n`)
}

/** Makes the copy; a few milliseconds. */
export function makeWorld(...facts: string[]): World {
  const base = mkdtempSync(join(tmpdir(), 'deploy-world-'))
  const [folder, bin, world] = ['project', 'bin', 'world'].map((name) => join(base, name))
  if (!folder || !bin || !world) throw new Error('three folders are needed')
  for (const made of [folder, bin, world]) mkdirSync(made)
  for (const part of scripts) cpSync(join(root, part), join(folder, part))
  for (const part of linked) symlinkSync(join(root, part), join(folder, part))
  for (const tool of ['minikube', 'kubectl', 'docker']) putTool(bin, tool)
  chmodSync(join(folder, 'deploy.sh'), 0o755)
  // A real minikube must not be found where the recorded one is taken away.
  const others = (environment.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !existsSync(join(entry, 'minikube')))
  const path = [bin, join(root, 'node_modules/node/bin'), ...others].join(delimiter)
  const start = (
    program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    interruptAt?: RegExp,
  ): Promise<Run> => {
    rmSync(join(world, 'calls'), { force: true })
    return new Promise((resolve, reject) => {
      // A group of its own, as a terminal makes one: Ctrl+C reaches every program in it.
      const child = spawn(program, args, {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        env: {
          ...inherited,
          HOME: base,
          MINIKUBE_HOME: join(base, 'minikube'),
          WORLD: world,
          RECORDED: recorded.replaceAll('\\', '/'),
          PATH: path,
          NODE_OPTIONS: fastClock,
          ...env,
        },
      })
      let out = ''
      let err = ''
      let interrupted = false
      const interrupt = () => {
        if (interrupted || !interruptAt?.test(out + err) || child.pid === undefined) return
        interrupted = true
        process.kill(-child.pid, 'SIGINT')
      }
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk
        interrupt()
      })
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk
        interrupt()
      })
      child.on('error', reject)
      child.on('close', (code) => {
        const log = join(world, 'calls')
        const calls = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
        const words = calls.map((call) => call.replaceAll('\t', ' '))
        resolve({ code: code ?? -1, out, err, calls: words })
      })
    })
  }
  const self: World = {
    folder,
    set: (fact, text = '') => writeFileSync(join(world, fact), text),
    has: (fact) => existsSync(join(world, fact)),
    remove: (tool) => {
      for (const file of [tool, `${tool}.cmd`]) rmSync(join(bin, file), { force: true })
    },
    run: (script, words, env = {}, interruptAt) => {
      const [program = '', ...before] =
        script === 'deploy.sh' ? ['bash', script] : [wanted, ...powershellOptions, '-File', script]
      return start(program, [...before, ...words], env, interruptAt)
    },
    paste: (script, lines) =>
      script === 'deploy.sh'
        ? start('bash', ['-e', '-c', lines], { NODE_COMPILE_CACHE: compileCache })
        : start(wanted, [...powershellOptions, '-Command', lines]),
    fake: (tool, lines) => {
      const file = join(bin, tool)
      writeFileSync(file, `#!/bin/bash\n${lines}\n`, { mode: 0o755 })
      if (process.platform === 'win32') writeFileSync(`${file}.cmd`, `@bash "${file}" %*\r\n`)
    },
    withoutPackages: (brings) => {
      rmSync(join(folder, 'node_modules'))
      const all = `rm -rf node_modules; ln -s "${join(root, 'node_modules')}" node_modules`
      const some = 'mkdir -p node_modules; touch node_modules/.package-lock.json'
      // As NODE_ENV=production has it: only what is asked for by name.
      self.fake('npm', brings ? `case $* in *--include=dev*) ${all} ;; *) ${some} ;; esac` : all)
    },
    close: () => rmSync(base, { recursive: true, force: true }),
  }
  for (const fact of facts) self.set(fact)
  return self
}
