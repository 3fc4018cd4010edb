// What export and import read from their command line, and the exit codes of both.
import { asksForHelp, readOptions, takenByNpm, UsageError } from '../command-line/read-options.ts'
import { serviceAddress } from '../command-line/service-address.ts'

/** The exit codes. `part`: it ran to its end, and some documents were left out. */
export const exitCodes = { done: 0, failed: 1, usage: 2, part: 3 } as const

type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export interface CommandLine {
  /** A path, or `-` for standard output or input. */
  readonly file: string
  readonly url: string
  /** Milliseconds to wait for a service that was there and went away. */
  readonly wait: number
  /** The command's own options. */
  readonly values: ReadonlyMap<string, string>
  readonly flags: ReadonlySet<string>
}

/** The options of one command only. */
interface OwnOptions {
  readonly values?: readonly string[]
  readonly flags?: readonly string[]
}

/**
 * Reads `FILE [--url URL] [--wait SECONDS]` and the command's own options. URL in the environment replaces --url.
 * @throws UsageError
 */
function readCommandLine(
  script: string,
  args: readonly string[],
  own: OwnOptions = {},
): CommandLine {
  const known = {
    script,
    values: ['url', 'wait', ...(own.values ?? [])],
    flags: own.flags ?? [],
  }
  const taken = takenByNpm(args, known)
  if (taken !== undefined) throw new UsageError(taken)
  const { values, flags, words, faults } = readOptions(args, known)
  if (faults.length > 0) throw new UsageError(faults.join('\n'))
  const [file, ...more] = words
  if (file === undefined || file === '') throw new UsageError('no FILE is named')
  if (more.length > 0) throw new UsageError(`one FILE, and not also ${more.join(', ')}`)
  const url = serviceAddress(values.get('url'), '--url')
  const wait = values.get('wait') ?? '60'
  if (!/^\d{1,5}$/.test(wait)) throw new UsageError(`--wait is a number of seconds, not ${wait}`)
  return { file, url, wait: Number(wait) * 1000, values, flags }
}

/** What a command does, and what it says and cleans up if it is interrupted. */
export interface Job {
  run(): Promise<ExitCode>
  /** Removes what is unfinished, and says what exists and how to continue. */
  stop(): string
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Runs a command and ends the process with its exit code, and with a message if it failed. */
export async function runCommand(
  name: string,
  usage: string,
  command: (line: CommandLine) => Job,
  own: OwnOptions = {},
): Promise<void> {
  const args = process.argv.slice(2)
  if (asksForHelp(args)) {
    process.stdout.write(usage)
    return
  }
  // What still runs, a transfer for example, ends with the process.
  const end = (words: string, code: number) =>
    process.stderr.write(`${name}: ${words}\n`, () => process.exit(code))
  let job: Job
  try {
    job = command(readCommandLine(name, args, own))
  } catch (error) {
    end(`${wordsOf(error)}\n\n${usage}`, exitCodes.usage)
    return
  }
  for (const [signal, code] of Object.entries(signals)) {
    process.once(signal, () => end(`${signal}: ${job.stop()}`, code))
  }
  try {
    process.exitCode = await job.run()
  } catch (error) {
    const rest = job.stop()
    if (error instanceof UsageError) end(error.message, exitCodes.usage)
    else end(`${wordsOf(error)}\n${rest}`, exitCodes.failed)
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Shows how far it is, at a terminal only. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.padEnd(60)}\r`)
}
