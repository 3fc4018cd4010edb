// Installs the peers where they are missing: npm packages, and Flask in a virtual environment.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('.', import.meta.url))
const has = (path: string) => existsSync(`${bench}${path}`)

/** Installs what is missing and builds the service. @throws Error where a command fails */
export function install(): void {
  if (!has('node_modules')) run('npm', 'ci', '--prefix', bench)
  if (!has('.venv/bin/gunicorn')) {
    run('python3', '-m', 'venv', `${bench}.venv`)
    run(`${bench}.venv/bin/pip`, 'install', '--quiet', '-r', `${bench}requirements.txt`)
  }
  run('npm', 'run', 'build', '--silent')
}

function run(command: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}.`)
}
