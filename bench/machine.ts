// What is measured with: installs the peers, builds the service, and notes the machine and the versions.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { coreLists } from './process.ts'
import type { Run } from './runs.ts'

const file = 'bench/raw/machine.json'

/** Installs the peers that are missing and builds the service. @throws Error if a command fails */
export function install(): void {
  if (!existsSync('bench/node_modules')) succeed('npm', 'ci', '--prefix', 'bench')
  if (!existsSync('bench/.venv/bin/gunicorn')) {
    succeed('python3', '-m', 'venv', 'bench/.venv')
    succeed('bench/.venv/bin/pip', 'install', '--quiet', '-r', 'bench/requirements.txt')
  }
  succeed('npm', 'run', 'build', '--silent')
}

function succeed(command: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}.`)
}

/** Notes this machine and its programs: the report may be written on another one. */
export function noteMachine(): void {
  mkdirSync('bench/raw', { recursive: true })
  writeFileSync(file, `${JSON.stringify(machine(), null, 2)}\n`)
}

/** Rows of the report on the machine of the last measurement, and what was measured when. */
export function machineLines(runs: readonly Run[]): string[] {
  const noted: string[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  const servers = [...new Set(runs.map(({ place, server }) => `${place}: ${server}`))]
  const times = runs.map(({ at }) => at.slice(0, 16)).toSorted()
  return [
    ...noted,
    `| stores | ${servers.join('; ')} |`,
    `| measured | ${times[0]} to ${times.at(-1)} UTC |`,
  ]
}

function machine(): string[] {
  const [cpu] = cpus()
  const gigabytes = Math.round(totalmem() / 1e9)
  const packages: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync('bench/package.json', 'utf8'),
  )
  const versions = Object.entries(packages.dependencies).map(
    ([name, version]) => `${name} ${version}`,
  )
  const python = readFileSync('bench/requirements.txt', 'utf8').trim().split('\n')
  return [
    `| machine | ${cpus().length} cores of ${cpu?.model.trim()}, ${gigabytes} GB, Linux ${release()} |`,
    `| cores | service ${coreLists.service}, load ${coreLists.load}, database ${coreLists.database} (taskset) |`,
    `| Node.js | ${firstLine('node', '--version')} |`,
    `| load | ${firstLine('wrk', '-v').split(' Copyright')[0]} |`,
    `| npm | ${versions.join(', ')} |`,
    `| Python | ${[firstLine('python3', '--version'), ...python].join(', ')} |`,
  ]
}

function firstLine(command: string, ...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  return `${stdout ?? ''}${stderr ?? ''}`.split('\n')[0] ?? ''
}
