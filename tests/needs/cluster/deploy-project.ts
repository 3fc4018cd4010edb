// A copy of the project that the end-to-end tests may change, and its deploy.sh on a real cluster.
import { spawn } from 'node:child_process'
import {
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
import { env as environment, kill } from 'node:process'
import { profile, root } from './cluster.ts'

// biome-ignore format: by kind, some in a line
const parts = [
  'deploy.sh', 'deploy.ps1', 'deploy', 'manifests', 'manifests.ts', 'package.json',
  'package-lock.json', '.npmrc', 'tsconfig.json', 'tsconfig.build.json', 'src',
  'Dockerfile', '.dockerignore', 'backup', 'sample', 'command-line', 'install-packages.js',
]

const base = mkdtempSync(join(tmpdir(), 'deploy-e2e-'))
export const project = join(base, 'project')

/** As after git clone and npm ci. */
export function makeProject(): void {
  rmSync(project, { recursive: true, force: true })
  mkdirSync(project, { recursive: true })
  for (const part of parts) cpSync(join(root, part), join(project, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
}

export const removeProject = () => rmSync(base, { recursive: true, force: true })
export const inProject = (path: string) => join(project, path)

let changes = 0
/** A change of the program, so that the image has a new tag. */
export function changeSource(): void {
  const main = inProject('src/main.ts')
  writeFileSync(main, `${readFileSync(main, 'utf8')}// change ${++changes}\n`)
}

export interface Run {
  code: number
  out: string
  err: string
  seconds: number
  /** Of the run's process group, to look for what it left behind. */
  group: number
}

export interface Options {
  env?: NodeJS.ProcessEnv
  /** Ctrl+C, N milliseconds after the script has shown such a line. */
  interrupt?: { at: RegExp; after: number }
}

/** `./deploy.sh WORDS --profile ...` with nobody at the keyboard. */
export const deploy = (words: readonly string[], options: Options = {}): Promise<Run> =>
  runInProject('./deploy.sh', [...words, '--profile', profile], options)

/** A line that a remedy names, pasted into a shell as it stands. */
export const paste = (line: string, options: Options = {}): Promise<Run> =>
  runInProject('bash', ['-c', line], options)

function runInProject(
  command: string,
  args: readonly string[],
  { env = {}, interrupt }: Options,
): Promise<Run> {
  const began = Date.now()
  return new Promise((resolve, reject) => {
    // A group of its own, as a terminal makes one: Ctrl+C reaches every program in it.
    const child = spawn(command, args, {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...environment, ...env },
    })
    const group = child.pid ?? 0
    let out = ''
    let err = ''
    let interrupted = false
    child.stdout.on('data', (chunk: Buffer) => (out += chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk
      if (interrupted || !interrupt?.at.test(err)) return
      interrupted = true
      setTimeout(() => kill(-group, 'SIGINT'), interrupt.after)
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      const seconds = (Date.now() - began) / 1000
      resolve({ code: code ?? -1, out, err, seconds, group })
    })
  })
}

/** A PATH on which a tool is replaced by a script; `$REAL` is the tool itself. */
export function withShim(tool: string, script: string): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(base, 'shim-'))
  const path = environment.PATH ?? ''
  const real = path
    .split(delimiter)
    .map((entry) => join(entry, tool))
    .find((file) => existsSync(file))
  const text = `#!/bin/bash\nREAL=${real}\n${script}\nexec "$REAL" "$@"\n`
  writeFileSync(join(folder, tool), text, { mode: 0o755 })
  return { PATH: `${folder}${delimiter}${path}` }
}

/** A PATH without a tool; the others of its folder are still there. */
export function without(tool: string): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(base, 'path-'))
  const entries = (environment.PATH ?? '').split(delimiter)
  const has = (entry: string) => existsSync(join(entry, tool))
  for (const name of ['docker', 'minikube', 'kubectl', 'node', 'npm'].filter(
    (one) => one !== tool,
  )) {
    const real = entries.filter(has).find((entry) => existsSync(join(entry, name)))
    if (real !== undefined) symlinkSync(join(real, name), join(folder, name))
  }
  return { PATH: [folder, ...entries.filter((entry) => !has(entry))].join(delimiter) }
}
