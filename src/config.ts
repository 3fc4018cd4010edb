// Settings: from the environment to a Config, or a list of everything that is wrong with it.
import { readFileSync } from 'node:fs'
import type { Access, AccessScope } from './http/access.ts'
import { type IndexSpec, parseIndexes } from './query/indexes.ts'
import { readSettings, type SettingValues } from './settings.ts'

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

/** What settings.ts says, in milliseconds and bytes. */
export type Config = NonNullable<ReturnType<typeof readConfig>['config']>

/** Reads the settings. A fault names the setting and never shows a secret. */
export function readConfig(env: NodeJS.Dict<string>) {
  const faults: string[] = []
  const values = readSettings(env, faults)
  const inKubernetes = env.KUBERNETES_SERVICE_HOST !== undefined
  const store = storeConfig(values, faults)
  if (store.kind === 'sqlite' && inKubernetes && env.DATA_FILE === undefined) {
    faults.push(
      'In Kubernetes DB_URL or MONGODB_URI must name the database, or DATA_FILE a file of a volume: the documents would end with the container.',
    )
  }
  const token = secretSetting('API_TOKEN', values, faults)
  const config = {
    host: values.HOST,
    /** In lower case. Undefined: as it follows from `host`. */
    allowedHosts: values.ALLOWED_HOSTS,
    port: values.PORT,
    store,
    indexes: indexSpecs(values.INDEXES, faults),
    logLevel: values.LOG_LEVEL,
    /** Milliseconds of serving after SIGTERM. */
    drainDelay: values.DRAIN_DELAY ?? (inKubernetes ? 5000 : 0),
    /** Milliseconds for requests in flight after that. */
    drainDeadline: values.DRAIN_DEADLINE,
    maxBody: values.MAX_BODY,
    maxBodies: values.MAX_BODIES,
    maxAnswers: values.MAX_ANSWERS,
    /** Undefined: everybody may do everything. */
    access: accessConfig(token, values.API_TOKEN_SCOPE, faults),
    corsOrigins: corsOrigins(values.CORS_ORIGINS, token !== undefined, faults),
    maxConnections: values.MAX_CONNECTIONS,
  }
  if (config.maxBodies < config.maxBody) {
    faults.push('MAX_BODIES must not be less than MAX_BODY: no large body could ever come in.')
  }
  return faults.length > 0 ? { faults } : { config }
}

function storeConfig(values: SettingValues, faults: string[]): StoreConfig {
  const { DB_URL: url, USER_NAME: user, DATA_FILE: file, DB_COLLECTION: collection } = values
  const password = secretSetting('USER_PWD', values, faults)
  const uri = secretSetting('MONGODB_URI', values, faults)
  const mongo = { kind: 'mongo', database: values.DB_NAME, collection } as const
  // MongoDB's own limits on names; the driver would find out at the first request.
  if (/[/\\. "$*<>:|?\0]/.test(mongo.database) || Buffer.byteLength(mongo.database) > 63) {
    faults.push('DB_NAME must have at most 63 bytes and none of / \\ . " $ * < > : | ? or a space.')
  }
  if (/[$\0]|^system\.|^\.|\.$|\.\./.test(collection) || Buffer.byteLength(collection) > 120) {
    faults.push(
      'DB_COLLECTION must have at most 120 bytes, no $, no dot at an end, no system. prefix.',
    )
  }
  if (uri !== undefined) {
    if (file !== undefined) faults.push('MONGODB_URI and DATA_FILE name two stores; choose one.')
    if (!/^mongodb(\+srv)?:\/\//.test(uri)) {
      faults.push('MONGODB_URI must begin with mongodb:// or mongodb+srv://.')
    } else if (!isEncoded(uri)) {
      faults.push(
        'MONGODB_URI must have user and password percent-encoded; or use DB_URL, USER_NAME and USER_PWD, which take them as they are.',
      )
    }
    return { ...mongo, uri, source: 'MONGODB_URI' }
  }
  if (url === undefined) {
    for (const name of ['USER_NAME', 'USER_PWD', 'USER_PWD_FILE'] as const) {
      if (values[name] !== undefined) faults.push(`${name} is set, but DB_URL is not.`)
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
  return { ...mongo, uri: `mongodb://${login}${url}`, source: 'DB_URL' }
}

// The driver would take a part of such a password for the host, and repeat it in its messages.
function isEncoded(uri: string): boolean {
  const form = /^[^:]+:\/\/(?:([^\s@/?#]*)@)?[^\s@/?#]+(?:\/[^\s@?#]*)?(?:\?(?:[^=@]+=.*)?)?$/
  const [whole, login = ''] = form.exec(uri) ?? []
  return whole !== undefined && /^(?:[^%]|%[\da-f]{2})*$/i.test(login)
}

function corsOrigins(text = '', hasToken: boolean, faults: string[]): readonly string[] {
  const origins = text === '' ? [] : text.split(',').map((part) => part.trim().toLowerCase())
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

// As a browser writes it: without the port if that is the scheme's own.
const isOrigin = (text: string): boolean =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text

function indexSpecs(text: string | undefined, faults: string[]): readonly IndexSpec[] {
  if (text === undefined) return []
  try {
    return parseIndexes(text)
  } catch (error) {
    faults.push(`INDEXES: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

// Nobody finds 16 random characters by trying.
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

/** The value of a setting that may be in a file instead. */
function secretSetting(
  name: 'USER_PWD' | 'MONGODB_URI' | 'API_TOKEN',
  values: SettingValues,
  faults: string[],
): string | undefined {
  const file = `${name}_FILE` as const
  const [plain, path] = [values[name], values[file]]
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
