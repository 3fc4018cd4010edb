// The service that is exported from or imported into, over HTTP, and what is wrong if it fails.
import { setTimeout as sleep } from 'node:timers/promises'
import { showProgress } from './command-line.ts'

interface ServiceAnswer {
  readonly status: number
  readonly text: string
  /** The members of the JSON body, or none. */
  readonly members: Readonly<Record<string, unknown>>
  /** Milliseconds that the service asks to wait, or undefined. */
  readonly retryAfter: number | undefined
}

/** The service is not there now, and may be later. */
export class ServiceAway extends Error {
  override readonly name = 'ServiceAway'
  /** Whether something answered, so that the address is right. */
  readonly answered: boolean
  /** Milliseconds to wait. */
  readonly retryAfter: number
  constructor(message: string, answered: boolean, retryAfter = 1000) {
    super(message)
    this.answered = answered
    this.retryAfter = retryAfter
  }
}

// A pod that ends, a proxy that has lost it, an upload that took too long.
const passing: readonly number[] = [408, 502, 503, 504]

// With API_TOKEN from the environment, like the service's own setting.
const credentials = (): Record<string, string> =>
  process.env.API_TOKEN ? { authorization: `Bearer ${process.env.API_TOKEN}` } : {}

// A person reads this without having heard of status codes.
const tokenRemedy = (): string =>
  process.env.API_TOKEN
    ? 'The service has another token than API_TOKEN in the environment.'
    : 'The service asks for its token: put it into API_TOKEN in the environment, and run this again.'

/**
 * Sends a request; the body of the answer is still to be read.
 * @throws ServiceAway if nothing answers; Error for a redirection, which would turn a POST into a GET
 */
export async function request(url: string, init: RequestInit): Promise<Response> {
  const response = await answered(url, init)
  const location = response.headers.get('location')
  if (response.status < 300 || response.status > 399 || location === null) return response
  const target = URL.canParse(location, url) ? new URL(location, url).origin : location
  throw new Error(`${url} leads elsewhere (${response.status}): --url ${target}`)
}

async function answered(url: string, init: RequestInit): Promise<Response> {
  try {
    const headers = { ...credentials(), ...Object.fromEntries(new Headers(init.headers)) }
    return await fetch(url, { ...init, headers, redirect: 'manual' })
  } catch (error) {
    const reason = reasonOf(error)
    if (/certificate|issuer|SSL|TLS/i.test(reason)) {
      throw new Error(
        `${url}: no connection by TLS (${reason}). NODE_EXTRA_CA_CERTS names a file with its CA`,
      )
    }
    throw new ServiceAway(`nothing answers at ${url} (${reason}). Is it running?`, false)
  }
}

/** The complete answer. @throws ServiceAway if the connection is cut */
export async function answerOf(response: Response): Promise<ServiceAnswer> {
  const { status, headers } = response
  try {
    const text = await response.text()
    const seconds = Number(headers.get('retry-after') ?? Number.NaN)
    const retryAfter = Number.isFinite(seconds) ? seconds * 1000 : undefined
    return { status, text, members: membersOf(text), retryAfter }
  } catch (error) {
    throw new ServiceAway(`the connection was cut (${reasonOf(error)})`, true)
  }
}

/** The error for a refusal: ServiceAway if it may pass. */
export function refusal(url: string, { status, text, members, retryAfter }: ServiceAnswer): Error {
  const { code, detail } = members
  const said = typeof detail === 'string' ? `${code}: ${detail}` : text.trim().slice(0, 200)
  const words = `${url} answered ${status} ${said}${status === 401 ? ` ${tokenRemedy()}` : ''}`
  return passing.includes(status) ? new ServiceAway(words, true, retryAfter) : new Error(words)
}

/**
 * Repeats the work while the service is away, until `wait` milliseconds have passed without
 * `progress` saying something new. It must have answered once: a mistyped address is
 * reported at once.
 */
export async function whileAway<T>(
  wait: number,
  progress: () => number,
  work: () => Promise<T>,
): Promise<T> {
  let before = progress()
  let since = Date.now()
  let there = before > 0
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const now = progress()
      if (now > before) since = Date.now()
      if (!(error instanceof ServiceAway)) throw error
      there ||= error.answered || now > 0
      if (!there || Date.now() - since + error.retryAfter > wait) throw error
      before = now
      showProgress(`waiting: ${error.message}`)
      await sleep(error.retryAfter)
    }
  }
}

const membersOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** The innermost reason: fetch itself says only "fetch failed". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return reasonOf(error.cause)
  const code = 'code' in error ? String(error.code) : ''
  return error.message || code
}
