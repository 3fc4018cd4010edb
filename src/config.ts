// Settings: from the environment to a Config, or a list of everything that is wrong with it.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { Access, AccessScope } from './http/access.ts'
import { isLogLevel, type LogLevel } from './http/log.ts'
import { type IndexSpec, parseIndexes } from './query/indexes.ts'

export type StoreConfig =
  | { readonly kind: 'sqlite'; readonly file: string }
  | {
      readonly kind: 'mongo'
      readonly uri: string
      /** The setting that the connection string came from, for messages. */
      readonly source: string
      readonly database: string
      readonly collection: string
    }

export interface Config {
  /** An address, or a name of one; `localhost` is 127.0.0.1 and ::1. */
  readonly host: string
  /** Host names to answer to, in lower case. Undefined: as it follows from `host`. */
  readonly allowedHosts: readonly string[] | undefined
  readonly port: number
  readonly store: StoreConfig
  /** The members that are looked up quickly, and those that only one document may have. */
  readonly indexes: readonly IndexSpec[]
  readonly logLevel: LogLevel
  /** Milliseconds of serving on after SIGTERM. */
  readonly drainDelay: number
  /** Milliseconds for requests in flight after that. */
  readonly drainDeadline: number
  /** Bytes of one JSON body, and of one NDJSON line. */
  readonly maxBody: number
  /** Bytes of all JSON bodies in memory at once. */
  readonly maxBodies: number
  /** Bytes of all answers that wait for their clients. */
  readonly maxAnswers: number
  readonly maxConnections: number
  /** Origins whose pages may read and write. */
  readonly corsOrigins: readonly string[]
  /** Undefined: everybody may do everything. */
  readonly access: Access | undefined
}

export type ConfigResult =
  | { readonly config: Config; readonly faults?: undefined }
  | { readonly config?: undefined; readonly faults: readonly string[] }

type Environment = Readonly<Record<string, string | undefined>>

/** Every setting, for the documentation and for `faults`: what it means and its default. */
export const settings = {
  PORT: 'Port to listen on (5000)',
  HOST: 'Address to listen on: localhost, which is 127.0.0.1 and ::1; :: is every one (localhost, in the image ::)',
  ALLOWED_HOSTS:
    'Host names to answer to, with commas between them, *.example.com for all below one. localhost and IP addresses are always answered (no others while HOST is localhost, else every name)',
  DATA_FILE: 'File of the embedded store (data/documents.db)',
  DB_URL: 'Address of MongoDB, host:port or host:port/?options. Without it: the embedded store',
  USER_NAME: 'User name at MongoDB',
  USER_PWD: 'Password at MongoDB, as it is: nothing needs escaping',
  USER_PWD_FILE: 'A file that holds the password, instead of USER_PWD',
  MONGODB_URI: 'The whole connection string. DB_URL, USER_NAME and USER_PWD do not count then',
  MONGODB_URI_FILE: 'A file that holds the connection string, instead of MONGODB_URI',
  DB_NAME: 'Database (mongo_data)',
  DB_COLLECTION: 'Collection (documents)',
  INDEXES:
    'Paths to index, with commas between them; path:unique: no two documents may have the same value there (none)',
  API_TOKEN:
    'Bearer token that clients must send. Without it whoever reaches the port may do everything',
  API_TOKEN_FILE: 'A file that holds the token, instead of API_TOKEN',
  API_TOKEN_SCOPE: 'What needs the token: writes, or all but probes and metrics (writes)',
  CORS_ORIGINS:
    'Origins whose pages may read and write in a browser, with commas between them: https://app.example; * for all, if there is no API_TOKEN (none)',
  LOG_LEVEL: 'debug, info, warn or error (info)',
  DRAIN_DELAY: 'How long to serve on after SIGTERM (5s in Kubernetes, 0s elsewhere)',
  DRAIN_DEADLINE: 'How long requests in flight may take after that (20s)',
  MAX_BODY: 'Largest JSON body, and largest NDJSON line (1MiB)',
  MAX_BODIES: 'All JSON bodies that are in memory at once (128MiB)',
  MAX_ANSWERS: 'All large answers and lists that wait in memory for their clients (64MiB)',
  MAX_CONNECTIONS: 'Open client connections (20000)',
} as const

type Setting = keyof typeof settings
/** A setting that may stand in a file as well. */
type Secret = 'USER_PWD' | 'MONGODB_URI' | 'API_TOKEN'
type Get = (name: Setting) => string | undefined

/** Reads the settings. A fault names the setting and never shows a secret. */
export function readConfig(env: Environment): ConfigResult {
  const faults: string[] = []
  // An empty value is a variable that somebody forgot to fill: without API_TOKEN everybody would be let in.
  for (const name of Object.keys(settings)) {
    if (env[name]?.trim() === '') {
      faults.push(`${name} is set, but empty. Give it a value, or do not set it at all.`)
    }
  }
  const get = (name: Setting) => (env[name]?.trim() === '' ? undefined : env[name])
  const parsed = <T>(
    name: Setting,
    fallback: T,
    parse: (text: string) => T | undefined,
    form: string,
  ) => {
    const text = get(name)
    if (text === undefined) return fallback
    const value = parse(text)
    if (value === undefined) faults.push(`${name} must be ${form}, not ${JSON.stringify(text)}.`)
    return value ?? fallback
  }
  const integer = (name: Setting, fallback: number, from: number, to: number) =>
    parsed(name, fallback, (text) => integerIn(text, from, to), `a number from ${from} to ${to}`)
  const duration = (name: Setting, fallback: number) =>
    parsed(name, fallback, timer, 'a time like 500ms, 5s or 1m, at most 24 days')
  const size = (name: Setting, fallback: number) =>
    parsed(name, fallback, someBytes, 'a size like 512KiB or 32MiB')

  const secret = (name: Secret) => secretSetting(name, get, faults)
  const inKubernetes = env.KUBERNETES_SERVICE_HOST !== undefined
  const store = storeConfig(get, secret, faults)
  if (store.kind === 'sqlite' && inKubernetes && env.DATA_FILE === undefined) {
    faults.push(
      'In Kubernetes DB_URL or MONGODB_URI must name the database, or DATA_FILE a file of a volume: the documents would end with the container.',
    )
  }
  const token = secret('API_TOKEN')
  const scope = parsed('API_TOKEN_SCOPE', undefined, accessScope, 'writes or all')
  const config: Config = {
    host: get('HOST') ?? 'localhost',
    allowedHosts: parsed(
      'ALLOWED_HOSTS',
      undefined,
      hostNames,
      'host names with commas between them, without scheme and port',
    ),
    port: integer('PORT', 5000, 0, 65_535),
    store,
    indexes: indexSpecs(get('INDEXES'), faults),
    logLevel: parsed(
      'LOG_LEVEL',
      'info',
      (text) => (isLogLevel(text) ? text : undefined),
      'debug, info, warn or error',
    ),
    drainDelay: duration('DRAIN_DELAY', inKubernetes ? 5000 : 0),
    drainDeadline: duration('DRAIN_DEADLINE', 20_000),
    maxBody: size('MAX_BODY', 1 << 20),
    maxBodies: size('MAX_BODIES', 128 << 20),
    maxAnswers: size('MAX_ANSWERS', 64 << 20),
    access: accessConfig(token, scope, faults),
    corsOrigins: corsOrigins(get('CORS_ORIGINS'), token !== undefined, faults),
    maxConnections: integer('MAX_CONNECTIONS', 20_000, 1, 1_000_000),
  }
  if (config.maxBodies < config.maxBody) {
    faults.push('MAX_BODIES must not be less than MAX_BODY: no large body could ever come in.')
  }
  return faults.length > 0 ? { faults } : { config }
}

function storeConfig(
  get: Get,
  secret: (name: Secret) => string | undefined,
  faults: string[],
): StoreConfig {
  const [url, user] = [get('DB_URL'), get('USER_NAME')]
  const password = secret('USER_PWD')
  const uri = secret('MONGODB_URI')
  const mongo = { kind: 'mongo', database: get('DB_NAME') ?? 'mongo_data' } as const
  const collection = get('DB_COLLECTION') ?? 'documents'
  // MongoDB's own limits on names; the driver would find out at the first request.
  if (/[/\\. "$*<>:|?\0]/.test(mongo.database) || Buffer.byteLength(mongo.database) > 63) {
    faults.push('DB_NAME must have at most 63 bytes and none of / \\ . " $ * < > : | ? or a space.')
  }
  if (/[$\0]|^system\.|^\.|\.$|\.\./.test(collection) || Buffer.byteLength(collection) > 120) {
    faults.push(
      'DB_COLLECTION must have at most 120 bytes, no $, no dot at an end, no system. prefix.',
    )
  }
  const file = get('DATA_FILE')

  if (uri !== undefined) {
    if (file !== undefined) faults.push('MONGODB_URI and DATA_FILE name two stores; choose one.')
    if (!/^mongodb(\+srv)?:\/\//.test(uri)) {
      faults.push('MONGODB_URI must begin with mongodb:// or mongodb+srv://.')
    } else if (!isEncoded(uri)) {
      faults.push(
        'MONGODB_URI must have user and password percent-encoded; or use DB_URL, USER_NAME and USER_PWD, which take them as they are.',
      )
    }
    return { ...mongo, collection, uri, source: 'MONGODB_URI' }
  }
  if (url === undefined) {
    for (const name of ['USER_NAME', 'USER_PWD', 'USER_PWD_FILE'] as const) {
      if (get(name) !== undefined) faults.push(`${name} is set, but DB_URL is not.`)
    }
    return { kind: 'sqlite', file: file ?? 'data/documents.db' }
  }
  if (file !== undefined) faults.push('DB_URL and DATA_FILE name two stores; choose one.')
  if (url.includes('://')) {
    faults.push('DB_URL is host:port without mongodb://; a whole string goes into MONGODB_URI.')
  } else if (url.includes('@')) {
    faults.push('DB_URL holds no user; that goes into USER_NAME and USER_PWD.')
  }
  if (user !== undefined && password === undefined)
    faults.push('USER_NAME is set, but USER_PWD is not.')
  if (user === undefined && password !== undefined)
    faults.push('USER_PWD is set, but USER_NAME is not.')
  const login =
    user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}@`
  return { ...mongo, collection, uri: `mongodb://${login}${url}`, source: 'DB_URL' }
}

// The driver would take a part of such a password for the host, and say it in its messages.
function isEncoded(uri: string): boolean {
  const form = /^[^:]+:\/\/(?:([^\s@/?#]*)@)?[^\s@/?#]+(?:\/[^\s@?#]*)?(?:\?(?:[^=@]+=.*)?)?$/
  const [whole, login = ''] = form.exec(uri) ?? []
  return whole !== undefined && /^(?:[^%]|%[\da-f]{2})*$/i.test(login)
}

function corsOrigins(text = '', hasToken: boolean, faults: string[]): readonly string[] {
  const origins = text.split(',').flatMap((part) => part.trim().toLowerCase() || [])
  for (const origin of origins) {
    if (origin === '*') {
      if (hasToken || origins.length > 1) {
        faults.push('CORS_ORIGINS is * alone, and only without API_TOKEN: else name the origins.')
      }
    } else if (!isOrigin(origin)) {
      faults.push(
        `CORS_ORIGINS must have origins such as https://app.example, without a path, not ${JSON.stringify(origin)}.`,
      )
    }
  }
  return origins
}

// As a browser writes it: the port left out where it is the scheme's own.
const isOrigin = (text: string): boolean =>
  /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text

function indexSpecs(text: string | undefined, faults: string[]): readonly IndexSpec[] {
  if (text === undefined) return []
  try {
    return parseIndexes(text)
  } catch (error) {
    faults.push(`INDEXES: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

const accessScope = (text: string): AccessScope | undefined =>
  text === 'writes' || text === 'all' ? text : undefined

// Of 16 random characters nobody finds the right ones by asking.
const minTokenLength = 16

function accessConfig(
  token: string | undefined,
  scope: AccessScope | undefined,
  faults: string[],
): Access | undefined {
  if (token === undefined) {
    if (scope !== undefined) faults.push('API_TOKEN_SCOPE is set, but API_TOKEN is not.')
    return undefined
  }
  // It travels in a header, where a space would end it.
  if (token.length < minTokenLength || !/^[!-~]+$/.test(token)) {
    faults.push(
      `API_TOKEN must have at least ${minTokenLength} characters, all of them visible ASCII.`,
    )
  }
  return { token, scope: scope ?? 'writes' }
}

function secretSetting(name: Secret, get: Get, faults: string[]): string | undefined {
  const file = `${name}_FILE` as const
  const [plain, path] = [get(name), get(file)]
  if (plain !== undefined && path !== undefined) {
    faults.push(`${name} and ${file} are both set; one of them is enough.`)
  }
  return plain ?? (path === undefined ? undefined : readSecret(file, path, faults))
}

function readSecret(name: string, path: string, faults: string[]): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    if (text.trim() !== '') return text
    faults.push(`${name}: the file ${path} is empty.`)
    return undefined
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    faults.push(`${name}: the file ${path} cannot be read (${code}).`)
    return undefined
  }
}

function integerIn(text: string, from: number, to: number): number | undefined {
  const value = Number(text)
  return /^\d+$/.test(text) && value >= from && value <= to ? value : undefined
}

function scaledBy(units: Readonly<Record<string, number>>) {
  return (text: string): number | undefined => {
    const [, digits, unit = ''] = /^(\d{1,12})([A-Za-z]*)$/.exec(text) ?? []
    const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
    return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
  }
}

// A bare number is seconds, or bytes.
const milliseconds = scaledBy({ '': 1000, ms: 1, s: 1000, m: 60_000 })
const bytes = scaledBy({ '': 1, KiB: 1 << 10, MiB: 1 << 20, GiB: 1 << 30 })

// Node's timers count in 31 bits; a longer one would fire at once.
function timer(text: string): number | undefined {
  const value = milliseconds(text)
  return value !== undefined && value < 2 ** 31 ? value : undefined
}

const someBytes = (text: string) => bytes(text) || undefined

// As a Host header has them, but for the port.
function hostNames(text: string): readonly string[] | undefined {
  const names = text.split(',').map((name) => name.trim().toLowerCase().replace(/\.$/, ''))
  const isName = (name: string) => /^(?:\*|(?:\*\.)?[a-z\d_-]+(?:\.[a-z\d_-]+)*)$/.test(name)
  return names.every((name) => isName(name) || isIP(name) !== 0) ? names : undefined
}
