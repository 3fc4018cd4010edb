// The command line: every option checked, every wrong value named, all of them at once.
import { existsSync, statSync } from 'node:fs'
import {
  asksForHelp,
  type KnownOptions,
  readOptions,
  takenByNpm,
} from '../command-line/read-options.ts'
import { isTokenScope, type TokenScope } from './api-token.ts'
import { tokenSecret } from './names.ts'

export type Profile = 'minikube' | 'cloud'

export interface Settings {
  profile: Profile
  image: string
  /** The autoscaler's minimum; its maximum is always 5. */
  replicas: number
  cpu: number
  nodePort: number
  storage: string
  scaleDownWindow: number
  out: string
  adoptSecret: string | undefined
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
}

export type CommandLine = WriteRequest | { ask: 'help' } | { ask: 'refuse'; faults: string[] }

export const defaults: Settings = {
  profile: 'minikube',
  image: 'data-service:dev',
  replicas: 2,
  cpu: 70,
  nodePort: 30300,
  storage: '1Gi',
  scaleDownWindow: 300,
  out: 'build',
  adoptSecret: undefined,
  cluster: undefined,
  volumeNode: undefined,
  apiToken: undefined,
}

export const help = `Writes every Kubernetes object of the data service as YAML.

npm run manifests '--' [options]        the quotes are for Windows PowerShell

  --profile minikube|cloud     one node and one database, or many nodes and a replica set (${defaults.profile})
  --image NAME:TAG             the application's image; never latest (${defaults.image})
  --replicas 2..5              the fewest pods of the application; the most are 5 (${defaults.replicas})
  --cpu 1..100                 percent of the requested CPU at which pods are added (${defaults.cpu})
  --node-port 30000..32767     the port of the node, minikube only (${defaults.nodePort})
  --storage SIZE               the database's volume, in Mi, Gi or Ti (${defaults.storage})
  --scale-down-window SECONDS  how long load must be low before a pod goes, 0..3600 (${defaults.scaleDownWindow})
  --out FOLDER                 where the files go (${defaults.out})
  --adopt-secret FILE          keep the credentials of the cluster's secret, - for standard input:
                               kubectl get secret mongo-secret -n mongo -o json
  --api-token none|writes|all  what needs the token in the Secret ${tokenSecret}, which you make (what FOLDER has, else none):
                               kubectl create secret generic ${tokenSecret} -n mongo --from-literal=token=...
  --cluster NAME               the minikube cluster it is for; up says it
  --volume-node NAME           the node with the database's folder, if there are several, minikube only; up says it
  --help

The credentials are made once: a mongo-secret.yaml in FOLDER is kept as it is, and put aside in a folder of
its own if FOLDER was made for another profile or cluster. The next up takes over what was asked for here.
Exit code: 0, or 2 with every wrong option named.
`

/** What a cluster keeps: `up` changes none of them unless it is told to. */
export const keptOptions = [
  'node-port',
  'replicas',
  'cpu',
  'scale-down-window',
  'storage',
  'api-token',
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

// The grammar of github.com/distribution/reference: [host[:port]/]path[:tag][@digest].
const imageName =
  /^(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d+)?\/)?[a-z\d]+(?:(?:[._]|__|-+)[a-z\d]+)*(?:\/[a-z\d]+(?:(?:[._]|__|-+)[a-z\d]+)*)*(?::(?<tag>[\w][\w.-]{0,127}))?(?:@sha256:(?<digest>[a-f\d]{64}))?$/i

const checks: Record<string, Check> = {
  profile: (value, settings) => {
    if (value !== 'minikube' && value !== 'cloud') return 'expects minikube or cloud'
    settings.profile = value
    return undefined
  },
  image: (value, settings) => {
    const { tag, digest } = imageName.exec(value)?.groups ?? {}
    // A node that has a tag keeps the image it has: latest of last week would run for ever.
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
  storage: (value, settings) => {
    if (!/^[1-9]\d{0,5}[MGT]i$/.test(value)) return 'expects a size such as 512Mi, 1Gi or 2Ti'
    settings.storage = value
    return undefined
  },
  out: (value, settings) => {
    if (value === '') return 'expects a folder'
    if (existsSync(value) && !statSync(value).isDirectory()) return 'is not a folder'
    settings.out = value
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

const optionNames: KnownOptions = {
  script: 'manifests',
  values: Object.keys(checks),
}

/** Reads the arguments; the answer is settings, a request for help, or every fault in them. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  if (asksForHelp(argv)) return { ask: 'help' }
  const taken = takenByNpm(argv, optionNames)
  if (taken !== undefined) return { ask: 'refuse', faults: [taken] }
  const settings = { ...defaults }
  const check = (name: string, value: string) => checks[name]?.(value, settings)
  const { values, words, faults: wrong } = readOptions(argv, optionNames, check)
  const faults = [...wrong, ...words.map((word) => `${word}: unknown; --help lists the options`)]
  if (settings.profile === 'cloud' && values.has('node-port')) {
    faults.push('--node-port: the cloud profile has a load balancer, and no port of a node')
  }
  if (settings.profile === 'cloud' && values.has('volume-node')) {
    faults.push('--volume-node: the cloud profile has volumes of its own, and no folder of a node')
  }
  if (faults.length > 0) return { ask: 'refuse', faults }
  const asked = keptOptions.flatMap((name) => {
    const value = values.get(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ask: 'write', settings, asked: Object.fromEntries(asked) }
}
