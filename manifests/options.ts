// The command line of manifests.ts: every option checked, every wrong value named, all of them at once.
import {
  asksForHelp,
  type KnownOptions,
  readOptions,
  takenByNpm,
} from '../command-line/read-options.ts'
import {
  defaultOf,
  isOptionName,
  type Option,
  type OptionName,
  optionRows,
  options,
} from './option-table.ts'

type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name

type SettingOf<Row> = Row extends { default: infer Default; parse(text: string): infer Value }
  ? Default extends undefined
    ? Value
    : Exclude<Value, undefined>
  : never

/** What the options of the table say, by their names in camel case. */
export type Settings = {
  -readonly [Name in OptionName as CamelCase<Name>]: SettingOf<(typeof options)[Name]>
}

export interface WriteRequest {
  ask: 'write'
  settings: Settings
  /** The options that were given, of those that a cluster keeps. */
  asked: OptionValues
  /** Notes on the options, though nothing is wrong with them. */
  notes: readonly string[]
}

type CommandLine = WriteRequest | { ask: 'help' } | { ask: 'refuse'; faults: string[] }

const settingName = (option: string) =>
  option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

// The type of an object made of entries; the table is what it says.
const settingsOf = (value: (name: OptionName) => unknown) =>
  Object.fromEntries(optionRows().map(([name]) => [settingName(name), value(name)])) as Settings

export const defaults: Settings = settingsOf((name) => options[name].default)

/** What a cluster keeps: `up` changes none of them unless it is told to. */
export const keptOptions = optionRows().flatMap(([name, { kept }]) => (kept ? [name] : []))

/** Options by their names without dashes. */
export type OptionValues = Readonly<Record<string, string>>

/** The settings that a cluster keeps, as the options that ask for them. */
export function optionsOf(settings: Settings): OptionValues {
  const given = new Map<string, unknown>(Object.entries(settings))
  return Object.fromEntries(
    keptOptions.flatMap((name) => {
      const setting = given.get(settingName(name))
      return setting === undefined ? [] : [[name, String(setting)]]
    }),
  )
}

/** The options that are read, by their names without dashes. */
const optionNames: KnownOptions = {
  script: 'manifests',
  values: optionRows().flatMap(([name, { value }]) => (value === '' ? [] : [name])),
  flags: optionRows().flatMap(([name, { value }]) => (value === '' ? [name] : [])),
}

function faultOf(name: string, text: string): string | undefined {
  if (!isOptionName(name)) return undefined
  const row: Option<unknown> = options[name]
  return row.parse(text) === undefined ? `expects ${row.form}` : row.fault?.(text)
}

/** Reads the arguments; the answer is settings, a request for help, or every fault in them. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  if (asksForHelp(argv)) return { ask: 'help' }
  const taken = takenByNpm(argv, optionNames)
  if (taken !== undefined) return { ask: 'refuse', faults: [taken] }
  const { values, flags, words, faults: wrong } = readOptions(argv, optionNames, faultOf)
  const settings = settingsOf((name) => {
    const text = flags.has(name) ? '' : values.get(name)
    return (text === undefined ? undefined : options[name].parse(text)) ?? options[name].default
  })
  settings.target = settings.profile ?? settings.target
  const faults = [...wrong, ...words.map((word) => `${word}: unknown; --help lists the options`)]
  if (settings.target === 'cloud' && values.has('node-port')) {
    faults.push('--node-port: the cloud target has a load balancer, and no port of a node')
  }
  if (settings.target === 'cloud' && values.has('volume-node')) {
    faults.push('--volume-node: the cloud target has volumes of its own, and no folder of a node')
  }
  faults.push(...contradictions(settings, values))
  if (faults.length > 0) return { ask: 'refuse', faults }
  const asked = keptOptions.flatMap((name) => {
    const value = values.get(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const notes = values.has('profile')
    ? [
        '--profile is the old name of --target: a profile is minikube’s word for one of its clusters',
      ]
    : []
  return { ask: 'write', settings, asked: Object.fromEntries(asked), notes }
}

/** Options that contradict each other. */
function* contradictions(settings: Settings, given: ReadonlyMap<string, string>) {
  const { target, secret, adoptSecret, host, ingress } = settings
  if (given.has('profile') && given.has('target')) {
    yield '--profile: the old name of --target, which is said too'
  }
  if (settings.backup === 'none' && given.has('backup-schedule')) {
    yield '--backup-schedule: with --backup none there is none'
  }
  if (target === 'minikube' && given.has('source-ranges')) {
    yield '--source-ranges: minikube has no load balancer'
  }
  if (host !== undefined && given.has('source-ranges')) {
    yield '--source-ranges: with --host the load balancer is the one of the Gateway or the Ingress'
  }
  if (secret === 'external' && adoptSecret !== undefined) {
    yield '--adopt-secret: with --secret external no credentials are written'
  }
  if (target === 'minikube' && host !== undefined) {
    yield '--host: minikube is reached by its node port'
  }
  if (host === undefined) {
    for (const name of ['tls-issuer', 'ingress', 'gateway-class']) {
      if (given.has(name)) yield `--${name}: there is no --host that it would be for`
    }
  } else if (ingress !== undefined && given.has('gateway-class')) {
    yield '--gateway-class: with --ingress there is no Gateway'
  }
}

const indent = 31

const linesOf = ([name, row]: readonly [string, Option<unknown>]): string => {
  const { value, meaning, more } = row
  const fallback = defaultOf(row)
  const left = `  --${name} ${value}`.trimEnd()
  // A name that is too long for the column has its meaning on the next line.
  const first = left.length < indent ? left.padEnd(indent) : `${left}\n${' '.repeat(indent)}`
  const second = more === undefined ? '' : `\n${' '.repeat(indent)}${more}`
  return `${first}${meaning}${fallback && ` (${fallback})`}${second}\n`
}

export const help = `Writes every Kubernetes object of the data service as YAML.

npm run manifests '--' [options]        the quotes are for Windows PowerShell

${optionRows().map(linesOf).join('')}  --help

The credentials are made once: a mongo-secret.yaml in FOLDER is kept as it is, and put aside in a folder of
its own if FOLDER was made for another target or cluster. The next up takes over what was asked for here.
FOLDER/kustomize has the same objects for kubectl apply -k.
Exit code: 0, or 2 with every wrong option named.
`
