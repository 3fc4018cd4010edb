// Runs manifests.ts as its user does.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Outcome, runCommand } from '../../../manifests.ts'

const root = join(import.meta.dirname, '../../..')

/** In this process, or in one of its own if there is something to read from standard input. */
export const run = (options: readonly string[], input?: string): Outcome =>
  input === undefined ? runCommand(options) : runProcess(options, input)

function runProcess(options: readonly string[], input: string): Outcome {
  const program = [join(root, 'manifests.ts'), ...options]
  const { status, stdout, stderr } = spawnSync(process.execPath, program, {
    cwd: root,
    encoding: 'utf8',
    input,
  })
  return { status: status ?? -1, stdout, stderr }
}
