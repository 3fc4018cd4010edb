// The one table of settings: what each means, its default, and how its text is read. config.ts, --help of
// `npm start` and docs/operations.md are made of it.
import { isIP } from 'node:net'
import type { AccessScope } from './http/access.ts'
import type { LogLevel } from './http/log.ts'

interface Setting {
  /** Its meaning, in one line. */
  readonly text: string
  /** The default, as somebody would write it. */
  readonly fallback?: string
  /** The default in words, if there is more to say of it. */
  readonly shown?: string
  /** The value; undefined if the text is not one. */
  parse(text: string): unknown
  /** What the text must be. */
  readonly form: string
}

// Taken as it is.
const words = (text: string) => ({ text, parse: (given: string) => given, form: 'a text' })

const wholeNumber = (from: number, to: number) => ({
  parse: (text: string) =>
    /^\d+$/.test(text) && Number(text) >= from && Number(text) <= to ? Number(text) : undefined,
  form: `a number from ${from} to ${to}`,
})

function scaledBy(units: Readonly<Record<string, number>>) {
  return (text: string): number | undefined => {
    const [, digits, unit = ''] = /^(\d{1,12})([A-Za-z]*)$/.exec(text) ?? []
    const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
    return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
  }
}

// A bare number means seconds, or bytes.
const milliseconds = scaledBy({ '': 1000, ms: 1, s: 1000, m: 60_000 })
const bytes = scaledBy({ '': 1, KiB: 1 << 10, MiB: 1 << 20, GiB: 1 << 30 })

const duration = {
  // Node's timers count in 31 bits; a longer one would fire at once.
  parse: (text: string) => {
    const value = milliseconds(text)
    return value !== undefined && value < 2 ** 31 ? value : undefined
  },
  form: 'a time like 500ms, 5s or 1m, at most 24 days',
}

const size = {
  parse: (text: string) => bytes(text) || undefined,
  form: 'a size like 512KiB or 32MiB',
}

// As a Host header has them, but for the port.
function hostNames(text: string): readonly string[] | undefined {
  const names = text.split(',').map((name) => name.trim().toLowerCase().replace(/\.$/, ''))
  const isName = (name: string) => /^(?:\*|(?:\*\.)?[a-z\d_-]+(?:\.[a-z\d_-]+)*)$/.test(name)
  return names.every((name) => isName(name) || isIP(name) !== 0) ? names : undefined
}

const oneOf = <T extends string>(form: string, ...values: readonly T[]) => ({
  parse: (text: string) => values.find((value) => value === text),
  form,
})

const levels = 'debug, info, warn or error'

export const settings = {
  PORT: { text: 'Port to listen on', fallback: '5000', ...wholeNumber(0, 65_535) },
  HOST: {
    ...words('Address to listen on: localhost, which is 127.0.0.1 and ::1; :: is every one'),
    fallback: 'localhost',
    shown: 'localhost, in the image ::',
  },
  ALLOWED_HOSTS: {
    text: 'Host names to answer to, with commas between them, *.example.com for all below one. localhost and IP addresses are always answered',
    shown: 'no others while HOST is localhost, else every name',
    parse: hostNames,
    form: 'host names with commas between them, without scheme and port',
  },
  DATA_FILE: { ...words('File of the embedded store'), shown: 'data/documents.db' },
  DB_URL: words(
    'Address of MongoDB, host:port or host:port/?options. Without it: the embedded store',
  ),
  USER_NAME: words('User name at MongoDB'),
  USER_PWD: words('Password at MongoDB, as it is: nothing needs escaping'),
  USER_PWD_FILE: words('A file that holds the password, instead of USER_PWD'),
  MONGODB_URI: words(
    'The whole connection string. DB_URL, USER_NAME and USER_PWD do not count then',
  ),
  MONGODB_URI_FILE: words('A file that holds the connection string, instead of MONGODB_URI'),
  DB_NAME: { ...words('Database'), fallback: 'mongo_data' },
  DB_COLLECTION: { ...words('Collection'), fallback: 'documents' },
  INDEXES: {
    ...words(
      'Paths to index, with commas between them; path:unique: no two documents may have the same value there',
    ),
    shown: 'none',
  },
  API_TOKEN: words(
    'Bearer token that clients must send. Without it whoever reaches the port may do everything',
  ),
  API_TOKEN_FILE: words('A file that holds the token, instead of API_TOKEN'),
  API_TOKEN_SCOPE: {
    text: 'What needs the token: writes, or all but probes and metrics',
    shown: 'writes',
    ...oneOf<AccessScope>('writes or all', 'writes', 'all'),
  },
  CORS_ORIGINS: {
    ...words(
      'Origins whose pages may read and write in a browser, with commas between them: https://app.example; * for all, if there is no API_TOKEN',
    ),
    shown: 'none',
  },
  LOG_LEVEL: {
    text: levels,
    fallback: 'info',
    ...oneOf<LogLevel>(levels, 'debug', 'info', 'warn', 'error'),
  },
  DRAIN_DELAY: {
    text: 'How long to serve on after SIGTERM',
    shown: '5s in Kubernetes, 0s elsewhere',
    ...duration,
  },
  DRAIN_DEADLINE: {
    text: 'How long requests in flight may take after that',
    fallback: '20s',
    ...duration,
  },
  MAX_BODY: { text: 'Largest JSON body, and largest NDJSON line', fallback: '1MiB', ...size },
  MAX_BODIES: {
    text: 'All JSON bodies that are in memory at once',
    fallback: '128MiB',
    ...size,
  },
  MAX_ANSWERS: {
    text: 'All large answers and lists that wait in memory for their clients',
    fallback: '64MiB',
    ...size,
  },
  MAX_CONNECTIONS: {
    text: 'Open client connections',
    // With a request in flight on each, 372 MiB are resident (measured); with 20,000 it was 570.
    fallback: '12000',
    ...wholeNumber(1, 1_000_000),
  },
} satisfies Readonly<Record<string, Setting>>

/** What a setting is read to. One without a default may be undefined. */
export type SettingValues = {
  readonly [Name in keyof typeof settings]:
    | NonNullable<ReturnType<(typeof settings)[Name]['parse']>>
    | ((typeof settings)[Name] extends { fallback: string } ? never : undefined)
}

/** Each setting with its meaning and its default in words, the latter empty if it has none. */
export const describeSettings = (): (readonly [name: string, text: string, fallback: string])[] =>
  Object.entries<Setting>(settings).map(
    ([name, { text, shown, fallback = '' }]) => [name, text, shown ?? fallback] as const,
  )

/**
 * Reads each setting on its own. Adds a sentence to `faults` for each that is wrong, without the value of a secret.
 */
export function readSettings(env: NodeJS.Dict<string>, faults: string[]): SettingValues {
  const values = Object.entries<Setting>(settings).map(([name, row]) => {
    const { fallback, parse, form } = row
    const given = env[name]
    const text = given?.trim() === '' ? undefined : given
    // A variable that nobody filled in: without API_TOKEN anyone would be let in.
    if (given !== undefined && text === undefined) {
      faults.push(`${name} is set, but empty. Give it a value, or do not set it at all.`)
    }
    const value = text === undefined ? undefined : parse(text)
    if (text !== undefined && value === undefined) {
      faults.push(`${name} must be ${form}, not ${JSON.stringify(text)}.`)
    }
    return [name, value ?? (fallback === undefined ? undefined : parse(fallback))]
  })
  // The type of an object made of entries; the table above is what it says.
  return Object.fromEntries(values) as SettingValues
}
