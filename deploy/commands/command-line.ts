// The command lines of the scripts and of the programs that they call: the options, and the values that each takes.
import { argv } from 'node:process'
import { parseArgs } from 'node:util'
import { keptOptions, readCommandLine } from '../../manifests/options.ts'

/** What is wrong with a value, after its option's name; undefined if nothing is. */
type Check = (value: string) => string | undefined

interface ScriptOption {
  /** Undefined: every command takes it. */
  commands?: readonly string[]
  /** Undefined: it takes no value. */
  check?: Check
}

const matches =
  (pattern: RegExp, expected: string): Check =>
  (value) =>
    pattern.test(value) ? undefined : `expects ${expected}`

const between =
  (from: number, to: number): Check =>
  (value) =>
    /^\d+(?:\.\d+)?$/.test(value) && Number(value) >= from && Number(value) <= to
      ? undefined
      : `expects a number from ${from} to ${to}`

const ofManifests =
  (name: string): Check =>
  (value) => {
    const line = readCommandLine([`--${name}=${value}`])
    return line.ask === 'refuse' ? line.faults.join('; ').replace(/^.*?: /, '') : undefined
  }

const url: Check = (value) => {
  const parsed = URL.canParse(value) ? new URL(value) : undefined
  return /^https?:$/.test(parsed?.protocol ?? '') ? undefined : 'expects http://... or https://...'
}

const options: Readonly<Record<string, ScriptOption>> = {
  'dry-run': {},
  // minikube's own rule for the name of a profile.
  profile: { check: matches(/^[a-z\d][a-z\d-]+$/i, 'two or more letters, digits and dashes') },
  ...Object.fromEntries(
    keptOptions.map((name) => [name, { commands: ['up'], check: ofManifests(name) }]),
  ),
  memory: {
    commands: ['up'],
    check: matches(/^(?:\d+(?:\.\d+)?[kmg]?b?|max|no-limit)$/i, 'a size such as 4g or 4096mb'),
  },
  cpus: {
    commands: ['up'],
    check: matches(/^(?:[1-9]\d*|max|no-limit)$/, 'a whole number, or max'),
  },
  driver: {
    commands: ['up'],
    check: matches(/^[a-z][a-z\d]+$/, 'the name of a driver of minikube'),
  },
  'kubernetes-version': {
    commands: ['up'],
    check: matches(/^(?:v?\d+\.\d+(?:\.\d+)?|stable|latest)$/, 'a version such as v1.34.0'),
  },
  minutes: { commands: ['load'], check: between(0.1, 60) },
  clients: {
    commands: ['load'],
    check: matches(/^[1-9]\d{0,3}$/, 'a whole number from 1 to 9999'),
  },
  wait: { commands: ['load'] },
  follow: { commands: ['logs'] },
  url: { commands: ['test'], check: url },
  platform: {
    commands: ['push'],
    check: matches(
      /^linux\/[a-z\d]+(?:\/v\d)?(?:,linux\/[a-z\d]+(?:\/v\d)?)*$/,
      'a list such as linux/amd64,linux/arm64',
    ),
  },
  data: { commands: ['down'] },
  backups: { commands: ['down'] },
  cluster: { commands: ['down'] },
  yes: { commands: ['down', 'restore', 'up'] },
  'show-password': { commands: ['database'] },
}

/** Every fault of `--name=value` and `--name` of this command, each in one sentence. */
export function optionFaults(command: string, given: readonly string[]): string[] {
  if (command === 'down' && given.includes('--backups') && !given.includes('--data')) {
    return [
      '--backups goes with --data: it leaves nothing from which the documents could come back',
    ]
  }
  return given.flatMap((text) => {
    const [, name = '', value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(text) ?? []
    const option = Object.hasOwn(options, name) ? options[name] : undefined
    if (option === undefined) return [`unknown option ${text}`]
    if (option.commands && !option.commands.includes(command)) {
      return [`--${name} belongs to ${option.commands.join(' and ')}, ${command} does not know it`]
    }
    const fault = option.check?.(value ?? '')
    return fault === undefined ? [] : [`--${name} ${value}: ${fault}`]
  })
}

/** A run of a script: its command, and its options as they were given. */
export interface Given {
  command: string
  profile: string
  dryRun: boolean
  /** `--name=value` and `--name`, without the script's own questions. */
  options: readonly string[]
  value: (name: string) => string | undefined
}

/** Reads what the scripts pass to look.ts and status.ts. Nothing is checked here. */
export function readGiven(command?: string): Given {
  const { tokens, positionals } = parseArgs({
    args: argv.slice(2),
    options: { profile: { type: 'string' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const given = tokens.filter((token) => token.kind === 'option')
  const value = (name: string) => given.findLast((token) => token.name === name)?.value
  return {
    command: command ?? positionals[0] ?? 'up',
    profile: value('profile') ?? 'minikube',
    dryRun: given.some(({ name }) => name === 'dry-run'),
    options: given
      .filter(({ name }) => name !== 'also')
      .map(({ name, value }) => (value === undefined ? `--${name}` : `--${name}=${value}`)),
    value,
  }
}

interface Arguments {
  profile: string
  words: string[]
  flag: (name: string) => boolean
  value: (name: string) => string | undefined
}

/** Reads `--profile`, the named flags and values, and the words between them. */
export function readArguments(flags: readonly string[] = [], values: readonly string[] = []) {
  const options = Object.fromEntries([
    ...flags.map((name) => [name, { type: 'boolean' } as const]),
    ...['profile', ...values].map((name) => [name, { type: 'string' } as const]),
  ])
  const parsed = parseArgs({ args: argv.slice(2), options, allowPositionals: true })
  const given = new Map(Object.entries(parsed.values))
  const value = (name: string) => {
    const found = given.get(name)
    return typeof found === 'string' ? found : undefined
  }
  return {
    profile: value('profile') ?? 'minikube',
    words: parsed.positionals,
    flag: (name) => given.get(name) === true,
    value,
  } satisfies Arguments
}
