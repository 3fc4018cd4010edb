// What a person types after a command: its options and words, and everything that is wrong with them.
import { nearestName } from '../src/nearest-name.ts'

/** The command line is wrong; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The options of a command by their names without dashes. */
export interface KnownOptions {
  /** The command in package.json. */
  readonly script: string
  /** Those with a value. */
  readonly values: readonly string[]
  readonly flags?: readonly string[]
}

export interface GivenOptions {
  readonly values: ReadonlyMap<string, string>
  readonly flags: ReadonlySet<string>
  /** The words that are neither options nor their values. */
  readonly words: readonly string[]
  /** A sentence for each, in the order of the words. */
  readonly faults: readonly string[]
}

export const asksForHelp = (args: readonly string[]): boolean =>
  args.some((word) => word === '--help' || word === '-h')

/** Reads `--name value`, `--name=value`, `--flag` and words. `check` says what is wrong with a value. */
export function readOptions(
  args: readonly string[],
  known: KnownOptions,
  check: (name: string, value: string) => string | undefined = () => undefined,
): GivenOptions {
  const { values: valued, flags: plain = [] } = known
  const values = new Map<string, string>()
  const flags = new Set<string>()
  const words: string[] = []
  const faults: string[] = []
  const rest = [...args]
  // The next word is a value unless it is an option itself: in `--out --cpu 70` one is missing.
  const takeValue = () => (rest[0]?.startsWith('--') ? undefined : rest.shift())
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name = '', inline] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (word === '--') words.push(...rest.splice(0))
    else if (!word.startsWith('-') || word === '-') words.push(word)
    else if (plain.includes(name)) {
      flags.add(name)
      if (inline !== undefined) faults.push(`--${name}: takes no value`)
    } else if (valued.includes(name)) {
      const value = inline ?? takeValue()
      values.set(name, value ?? '')
      const fault = value === undefined ? 'needs a value' : check(name, value)
      const shown = value === undefined ? '' : ` ${value}`
      if (fault !== undefined) faults.push(`--${name}${shown}: ${fault}`)
    } else {
      const meant = nearestName(word.replace(/=.*/s, ''), [...valued, ...plain])
      faults.push(
        `${word}: unknown${meant ? `. Is --${meant} meant?` : '; --help lists the options'}`,
      )
      if (meant !== undefined && valued.includes(meant) && inline === undefined) takeValue()
    }
  }
  return { values, flags, words, faults }
}

/**
 * Reads the command line of this process, with at most `mostWords` words. Ends the process after --help, and
 * with 2 if anything is wrong.
 */
export function readOrEnd(known: KnownOptions, usage: string, mostWords = 0): GivenOptions {
  const args = process.argv.slice(2)
  if (asksForHelp(args)) {
    process.stdout.write(usage)
    process.exit(0)
  }
  const taken = takenByNpm(args, known)
  if (taken !== undefined) endWithUsage(known.script, [taken])
  const given = readOptions(args, known)
  const more = given.words.slice(mostWords).map((word) => `${word}: unknown`)
  const faults = [...given.faults, ...more]
  if (faults.length > 0) endWithUsage(known.script, faults, usage)
  return given
}

/** Ends the process with 2 and says why. */
export function endWithUsage(name: string, faults: readonly string[], usage = ''): never {
  const lines = faults.map((fault) => `${name}: ${fault}\n`)
  process.stderr.write(`${lines.join('')}${usage && `\n${usage}`}`)
  process.exit(2)
}

// Names that are also settings of npm, and values that they cannot have there.
const alsoOfNpm: Readonly<Record<string, RegExp>> = { cpu: /^(?:\d.*|true)$/ }

/**
 * What to say if npm has taken options for itself, which it leaves in the environment: Windows PowerShell
 * loses the `--` before them for the npm of Node 20 and 22. A command would go on with its defaults.
 */
export function takenByNpm(
  args: readonly string[],
  { script, values, flags = [] }: KnownOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  // A program that an npm script starts is not the command that was typed.
  if (env.npm_lifecycle_event !== script) return undefined
  const taken = [...values, ...flags].flatMap((name) => {
    const value = env[`npm_config_${name.replaceAll('-', '_')}`]
    const isNpms = value === undefined || alsoOfNpm[name]?.test(value) === false
    return isNpms ? [] : [{ name, value: flags.includes(name) ? undefined : value }]
  })
  if (taken.length === 0) return undefined
  const words = [...args]
  // `--api-token writes` is a true api-token for npm, and writes a word.
  const cut = taken.filter(({ value }) => value === 'true')
  const typedValue = (value: string) =>
    value !== 'true' ? value : ((cut.length === 1 ? words.pop() : undefined) ?? 'VALUE')
  const options = taken.flatMap(({ name, value }) =>
    value === undefined ? [`--${name}`] : [`--${name}`, quoted(typedValue(value))],
  )
  const line = ['npm', 'run', script, "'--'", ...words.map(quoted), ...options].join(' ')
  const names = taken.map(({ name }) => `--${name}`).join(', ')
  return `npm has taken ${names} for itself. In every shell this works:\n  ${line}`
}

// In bash and in PowerShell; a quote is the one character that they write differently.
const quoted = (word: string) =>
  /^[\w./:@+-][\w./:=@+-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
