// Which core is whose: the service alone on the first, load and database on the rest.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

const last = availableParallelism() - 1

/** Lists of cores as taskset takes them. Two cores: the database shares the second with the load. */
export const cores = {
  service: '0',
  load: String(last),
  database: last > 2 ? `1-${last - 1}` : String(last),
} as const

/** Starts a program on its core. taskset becomes the program, so the process id is its own. */
export const spawnOn = (
  core: keyof typeof cores,
  command: readonly string[],
  options: SpawnOptions,
): ChildProcess => spawn('taskset', ['-c', cores[core], ...command], options)
