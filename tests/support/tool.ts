// Whether a tool is there: without it a suite is skipped and says why; with CI=true it fails.
import { spawnSync } from 'node:child_process'

/** The reason to skip what needs the tool, or false. Throws with CI=true. */
export function skipWithout(command: string, ...args: readonly string[]): string | false {
  const reason = missing(command, ...args)
  if (reason !== false && process.env.CI === 'true') throw new Error(reason)
  return reason
}

/** The same for what only some of the systems of CI have: it never throws. */
export function missing(command: string, ...args: readonly string[]): string | false {
  const { error, status } = spawnSync(command, args, { stdio: 'ignore' })
  if (!error && status === 0) return false
  return error ? `there is no ${command} on PATH` : `${command} ${args.join(' ')} failed`
}
