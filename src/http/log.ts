// Log lines: JSON with pino's field names for machines, one plain line for a person at a terminal.
import { hostname } from 'node:os'
import { inspect } from 'node:util'

const levels = { debug: 20, info: 30, warn: 40, error: 50 } as const // pino's numbers

export type LogLevel = keyof typeof levels
/** Undefined fields are left out. */
type LogFields = Readonly<Record<string, unknown>>
export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>> & {
  /** Writes out what is still held; call it before the process ends. */
  flush(): void
}

export interface LogOptions {
  readonly level: LogLevel
  /** One readable line instead of JSON. */
  readonly pretty: boolean
  readonly write: (text: string) => void
}

/**
 * Makes a log. Lines of one turn of the event loop are written together: at 20,000 requests a second a write each
 * would cost more than the requests' own work.
 *
 * No secret is ever passed to it. Somebody else's message may have a connection string in it: everything after the
 * scheme is left out. It does not look for passwords as such: blotting out a short one, a part of other words, would
 * tell what it is.
 */
export function createLog({ level, pretty, write }: LogOptions): Log {
  const threshold = levels[level]
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
        ? prettyLine(name, message, fields)
        : `${jsonLine({ level: number, time: Date.now(), ...base, ...fields, msg: message })}\n`
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), flush }
}

// A replacer would double the cost of every line.
function jsonLine(entry: LogFields): string {
  const line = JSON.stringify(entry)
  return line.includes('://') ? JSON.stringify(entry, redact) : line
}

function redact(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value
    .replaceAll(/(mongodb(?:\+srv)?:\/\/)\S+/gi, '$1[secret]')
    .replaceAll(/:\/\/[^\s/]*@/g, '://[secret]@')
}

function prettyLine(level: LogLevel, message: string, fields: LogFields): string {
  const time = new Date().toTimeString().slice(0, 8)
  const plain = (value: unknown) =>
    typeof value === 'string' ? redact('', value) : JSON.stringify(value, redact)
  const rest = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${plain(value)}`],
  )
  return `${[time, level.padEnd(5), plain(message), ...rest].join(' ')}\n`
}

// The driver nests them, and a cycle has no end.
const mostErrors = 10

/**
 * What a log line says of an error: its name, message and stack, those of its causes, and of the errors that it
 * stands for (AggregateError); ten in all.
 */
export function errorFields(error: unknown): LogFields {
  let room = mostErrors
  const describe = (value: unknown): object | undefined => {
    if (room-- <= 0) return undefined
    if (typeof value === 'string') return { message: value }
    if (!(value instanceof Error)) return { message: inspect(value, { depth: 1 }) }
    const { name: type, message, stack, cause } = value
    const errors = value instanceof AggregateError ? value.errors : []
    return {
      type,
      message,
      stack,
      ...(cause === undefined ? {} : { cause: describe(cause) }),
      ...(errors.length === 0
        ? {}
        : { errors: errors.slice(0, room).flatMap((each) => describe(each) ?? []) }),
    }
  }
  return { err: describe(error) }
}
