// The command line: every option checked, every wrong value named, all of them at once.
import { existsSync, statSync } from 'node:fs'
import {
  asksForHelp,
  type KnownOptions,
  readOptions,
  takenByNpm,
} from '../command-line/read-options.ts'
import { isTokenScope, type TokenScope } from './api-token.ts'
import { type DatabasePlace, isCidr, isDatabasePlace } from './external-database.ts'

export type Target = 'minikube' | 'cloud'

/** Who makes the Secret of the database: manifests.ts, or its user and whatever keeps the user's secrets. */
export type SecretSource = 'generated' | 'external'

export const isSecretSource = (text: string | undefined): text is SecretSource =>
  text === 'generated' || text === 'external'

/** Whether there is a backup each night. */
export type BackupChoice = 'nightly' | 'none'

export interface Settings {
  target: Target
  image: string
  /** The autoscaler's minimum; its maximum is always 5. */
  replicas: number
  cpu: number
  nodePort: number
  storage: string
  scaleDownWindow: number
  out: string
  adoptSecret: string | undefined
  /** Undefined: what the folder has. */
  secret: SecretSource | undefined
  /** Undefined: what the folder has. */
  database: DatabasePlace | undefined
  /** The addresses of one that others run, as CIDR; undefined: what the folder has. */
  databaseCidr: readonly string[] | undefined
  /** The name of the application in DNS. */
  host: string | undefined
  /** NAME of a ClusterIssuer, or Issuer/NAME. */
  tlsIssuer: string | undefined
  /** The class of an Ingress, in the place of a Gateway. */
  ingress: string | undefined
  gatewayClass: string
  /** Whom the load balancer lets in, as CIDR. */
  sourceRanges: readonly string[]
  backup: BackupChoice
  /** When, as cron has it, in UTC. */
  backupSchedule: string
  /** The volume of the backups. */
  backupStorage: string
  monitoring: boolean
  /** Where docs/operations.md can be read. */
  runbookUrl: string
  /** The minikube profile that `up` writes for. */
  cluster: string | undefined
  /** Whose folder the documents are in, if the cluster has several nodes. */
  volumeNode: string | undefined
  /** Undefined: what the folder has. */
  apiToken: TokenScope | undefined
}

export interface WriteRequest {
  ask: 'write'
  settings: Settings
  /** The options that were given, of those that a cluster keeps. */
  asked: OptionValues
  /** What is to be said of the options, though nothing is wrong with them. */
  notes: readonly string[]
}

export type CommandLine = WriteRequest | { ask: 'help' } | { ask: 'refuse'; faults: string[] }

export const defaults: Settings = {
  target: 'minikube',
  image: 'data-service:dev',
  replicas: 2,
  cpu: 70,
  nodePort: 30300,
  storage: '1Gi',
  scaleDownWindow: 300,
  out: 'build',
  adoptSecret: undefined,
  secret: undefined,
  database: undefined,
  databaseCidr: undefined,
  host: undefined,
  tlsIssuer: undefined,
  ingress: undefined,
  gatewayClass: 'eg',
  // The private addresses (RFC 1918): nobody of the internet comes in before somebody has said so.
  sourceRanges: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  backup: 'nightly',
  backupSchedule: '30 1 * * *',
  backupStorage: '2Gi',
  monitoring: false,
  runbookUrl: 'docs/operations.md',
  cluster: undefined,
  volumeNode: undefined,
  apiToken: undefined,
}

/** What a cluster keeps: `up` changes none of them unless it is told to. */
export const keptOptions = [
  'node-port',
  'replicas',
  'cpu',
  'scale-down-window',
  'storage',
  'api-token',
  'database',
  'database-cidr',
  'backup',
  'backup-schedule',
  'backup-storage',
] as const

/** Options by their names without dashes. */
export type OptionValues = Readonly<Record<string, string>>

/** The settings that a cluster keeps, as the options that ask for them. */
export const optionsOf = (settings: Settings): Record<(typeof keptOptions)[number], string> => ({
  'node-port': `${settings.nodePort}`,
  replicas: `${settings.replicas}`,
  cpu: `${settings.cpu}`,
  'scale-down-window': `${settings.scaleDownWindow}`,
  storage: settings.storage,
  'api-token': settings.apiToken ?? 'none',
  database: settings.database ?? 'own',
  'database-cidr': (settings.databaseCidr ?? []).join(','),
  backup: settings.backup,
  'backup-schedule': settings.backupSchedule,
  'backup-storage': settings.backupStorage,
})

type Check = (value: string, settings: Settings) => string | undefined

const whole = (value: string, from: number, to: number, set: (number: number) => void) => {
  const number = Number(value)
  if (!/^\d{1,6}$/.test(value) || number < from || number > to) {
    return `expects a whole number from ${from} to ${to}`
  }
  set(number)
  return undefined
}

const sizeOf = (value: string, set: (size: string) => void) => {
  if (!/^[1-9]\d{0,5}[MGT]i$/.test(value)) return 'expects a size such as 512Mi, 1Gi or 2Ti'
  set(value)
  return undefined
}

// The grammar of github.com/distribution/reference: [host[:port]/]path[:tag][@digest].
const imageName =
  /^(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d+)?\/)?[a-z\d]+(?:(?:[._]|__|-+)[a-z\d]+)*(?:\/[a-z\d]+(?:(?:[._]|__|-+)[a-z\d]+)*)*(?::(?<tag>[\w][\w.-]{0,127}))?(?:@sha256:(?<digest>[a-f\d]{64}))?$/i

// The names of most objects too (RFC 1123, subdomain).
const dnsName =
  /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/

const setTarget: Check = (value, settings) => {
  if (value !== 'minikube' && value !== 'cloud') return 'expects minikube or cloud'
  settings.target = value
  return undefined
}

/** Ranges of addresses, with commas between them. */
const ranges = (value: string, set: (ranges: readonly string[]) => void) => {
  const all = value.split(',')
  if (!all.every(isCidr)) return 'expects addresses such as 10.1.0.0/16, commas between them'
  set(all)
  return undefined
}

const checks: Record<string, Check> = {
  target: setTarget,
  profile: setTarget,
  image: (value, settings) => {
    const { tag, digest } = imageName.exec(value)?.groups ?? {}
    // A node that has a tag keeps the image it has: latest of last week would go on running.
    if (digest === undefined && (tag === undefined || tag === 'latest')) {
      return 'expects NAME:TAG with a tag other than latest'
    }
    settings.image = value
    return undefined
  },
  replicas: (value, settings) => whole(value, 2, 5, (n) => (settings.replicas = n)),
  cpu: (value, settings) => whole(value, 1, 100, (n) => (settings.cpu = n)),
  'node-port': (value, settings) => whole(value, 30000, 32767, (n) => (settings.nodePort = n)),
  'scale-down-window': (value, settings) =>
    whole(value, 0, 3600, (n) => (settings.scaleDownWindow = n)),
  storage: (value, settings) => sizeOf(value, (size) => (settings.storage = size)),
  backup: (value, settings) => {
    if (value !== 'nightly' && value !== 'none') return 'expects nightly or none'
    settings.backup = value
    return undefined
  },
  'backup-schedule': (value, settings) => {
    if (
      !/^(?:@(?:hourly|daily|weekly)|[\d*,/-]+(?: [\d*,/-]+){2} [\w*,/-]+ [\w*,/-]+)$/.test(value)
    ) {
      return "expects five fields of cron such as '30 1 * * *'"
    }
    settings.backupSchedule = value
    return undefined
  },
  'backup-storage': (value, settings) => sizeOf(value, (size) => (settings.backupStorage = size)),
  out: (value, settings) => {
    if (value === '') return 'expects a folder'
    if (existsSync(value) && !statSync(value).isDirectory()) return 'is not a folder'
    settings.out = value
    return undefined
  },
  secret: (value, settings) => {
    if (!isSecretSource(value)) return 'expects generated or external'
    settings.secret = value
    return undefined
  },
  database: (value, settings) => {
    if (!isDatabasePlace(value)) return 'expects own or external'
    settings.database = value
    return undefined
  },
  'database-cidr': (value, settings) => ranges(value, (all) => (settings.databaseCidr = all)),
  host: (value, settings) => {
    if (!dnsName.test(value) || !value.includes('.')) {
      return 'expects a name in DNS such as api.example.com, in lower case'
    }
    settings.host = value
    return undefined
  },
  'tls-issuer': (value, settings) => {
    if (!dnsName.test(value.replace(/^(?:Cluster)?Issuer\//, ''))) {
      return 'expects the name of a ClusterIssuer, or Issuer/NAME'
    }
    settings.tlsIssuer = value
    return undefined
  },
  ingress: (value, settings) => {
    if (!dnsName.test(value)) return 'expects the name of an IngressClass: kubectl get ingressclass'
    settings.ingress = value
    return undefined
  },
  'gateway-class': (value, settings) => {
    if (!dnsName.test(value)) return 'expects the name of a GatewayClass: kubectl get gatewayclass'
    settings.gatewayClass = value
    return undefined
  },
  'source-ranges': (value, settings) => ranges(value, (all) => (settings.sourceRanges = all)),
  'runbook-url': (value, settings) => {
    if (!/^https?:\/\/\S+$/.test(value)) return 'expects http://... or https://...'
    settings.runbookUrl = value
    return undefined
  },
  cluster: (value, settings) => {
    if (!/^[a-z\d][a-z\d-]+$/i.test(value)) return 'expects the name of a minikube profile'
    settings.cluster = value
    return undefined
  },
  'volume-node': (value, settings) => {
    if (!/^[a-z\d](?:[a-z\d.-]{0,61}[a-z\d])?$/.test(value)) return 'expects the name of a node'
    settings.volumeNode = value
    return undefined
  },
  'api-token': (value, settings) => {
    if (!isTokenScope(value)) return 'expects none, writes or all'
    settings.apiToken = value
    return undefined
  },
  'adopt-secret': (value, settings) => {
    if (value === '') return 'expects a file, or - for standard input'
    if (value !== '-' && !existsSync(value)) return 'there is no such file'
    settings.adoptSecret = value
    return undefined
  },
}

/** The options that are read, by their names without dashes. */
export const optionNames: KnownOptions = {
  script: 'manifests',
  values: Object.keys(checks),
  flags: ['monitoring'],
}

/** Reads the arguments; the answer is settings, a request for help, or every fault in them. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  if (asksForHelp(argv)) return { ask: 'help' }
  const taken = takenByNpm(argv, optionNames)
  if (taken !== undefined) return { ask: 'refuse', faults: [taken] }
  const settings = { ...defaults }
  const check = (name: string, value: string) => checks[name]?.(value, settings)
  const { values, flags, words, faults: wrong } = readOptions(argv, optionNames, check)
  settings.monitoring = flags.has('monitoring')
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

/** What no option says alone, and two say against each other. */
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
