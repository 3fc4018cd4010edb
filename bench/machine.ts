// What it was measured on: the machine, the programs and their versions.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { cores } from './cores.ts'
import type { Run } from './raw.ts'

/** Lines of the report on the machine and the versions. */
export function machineLines(runs: readonly Run[]): string[] {
  const [cpu] = cpus()
  const gigabytes = Math.round(totalmem() / 1e9)
  const packages: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync('bench/package.json', 'utf8'),
  )
  const versions = Object.entries(packages.dependencies).map(
    ([name, version]) => `${name} ${version}`,
  )
  const python = readFileSync('bench/requirements.txt', 'utf8').trim().split('\n')
  const servers = [...new Set(runs.map(({ place, server }) => `${place}: ${server}`))]
  return [
    `| machine | ${cpus().length} cores of ${cpu?.model.trim()}, ${gigabytes} GB, Linux ${release()} |`,
    `| cores | service ${cores.service}, load ${cores.load}, database ${cores.database} (taskset) |`,
    `| Node.js | ${firstLine('node', '--version')} |`,
    `| load | ${firstLine('wrk', '-v').split(' Copyright')[0]} |`,
    `| npm | ${versions.join(', ')} |`,
    `| Python | ${[firstLine('python3', '--version'), ...python].join(', ')} |`,
    `| stores | ${servers.join('; ')} |`,
    `| measured | ${runs[0]?.at.slice(0, 16)} to ${runs.at(-1)?.at.slice(0, 16)} UTC |`,
  ]
}

function firstLine(command: string, ...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  return `${stdout ?? ''}${stderr ?? ''}`.split('\n')[0] ?? ''
}
