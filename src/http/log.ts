// Log lines: JSON with pino's field names for machines, one plain line for a person at a terminal.
import { hostname } from 'node:os'

const levels = { debug: 20, info: 30, warn: 40, error: 50 } as const // pino's numbers

export type LogLevel = keyof typeof levels
export type LogFields = Readonly<Record<string, unknown>>
export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>> & {
  /** Writes out what is still held; call it before the process ends. */
  flush(): void
}

export const isLogLevel = (text: string): text is LogLevel => Object.hasOwn(levels, text)

export interface LogOptions {
  readonly level: LogLevel
  /** One readable line instead of JSON. */
  readonly pretty: boolean
  readonly write: (text: string) => void
  /** Texts that must never be printed, whoever put them into a message. */
  readonly secrets?: readonly string[]
}

/**
 * Makes a log. Lines of one turn of the event loop are written together: at 20,000 requests a
 * second a write each would cost more than the requests' own work.
 */
export function createLog({ level, pretty, write, secrets = [] }: LogOptions): Log {
  const threshold = levels[level]
  // Values before they are escaped: a password may hold a quote, and a short one may be in a number.
  const redact = (_key: string, value: unknown): unknown =>
    typeof value === 'string'
      ? secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), value)
      : value
  // A replacer doubles what a line costs; a secret in a value stands escaped in the line.
  const escaped = secrets.map((secret) => JSON.stringify(secret).slice(1, -1))
  const jsonLine = (entry: LogFields): string => {
    const line = JSON.stringify(entry)
    const holds = escaped.some((secret) => line.includes(secret))
    return holds ? JSON.stringify(entry, redact) : line
  }
  const base = { pid: process.pid, hostname: hostname() }
  let held = ''

  const flush = () => {
    if (held === '') return
    const text = held
    held = ''
    write(text)
  }
  const at = (name: LogLevel) => {
    const number = levels[name]
    if (number < threshold) return () => {}
    return (message: string, fields: LogFields = {}) => {
      if (held === '') setImmediate(flush)
      held += pretty
        ? prettyLine(name, message, fields, redact)
        : `${jsonLine({ level: number, time: Date.now(), ...base, ...fields, msg: message })}\n`
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), flush }
}

type Replacer = (key: string, value: unknown) => unknown

function prettyLine(level: LogLevel, message: string, fields: LogFields, redact: Replacer): string {
  const time = new Date().toTimeString().slice(0, 8)
  const plain = (value: unknown) =>
    typeof value === 'string' ? redact('', value) : JSON.stringify(value, redact)
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`)
  return `${[time, level.padEnd(5), plain(message), ...rest].join(' ')}\n`
}

/** What a log line says of an error: its name, message and stack, and those of its causes. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { err: { message: String(error) } }
  const { name: type, message, stack, cause } = error
  return { err: { type, message, stack, ...(cause === undefined ? {} : { cause: String(cause) }) } }
}
