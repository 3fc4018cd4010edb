// The service that is exported from or imported into, over HTTP, and what is wrong where it fails.
import { setTimeout as sleep } from 'node:timers/promises'

export interface ServiceAnswer {
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
  readonly retryAfter: number
  constructor(message: string, retryAfter = 1000) {
    super(message)
    this.retryAfter = retryAfter
  }
}

// With API_TOKEN in the environment, as the service's own setting has it.
const credentials = (): Record<string, string> =>
  process.env.API_TOKEN ? { authorization: `Bearer ${process.env.API_TOKEN}` } : {}

/**
 * Sends a request; the body of the answer is still to be read.
 * @throws ServiceAway where nothing answers
 */
export async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    const headers = { ...credentials(), ...Object.fromEntries(new Headers(init.headers)) }
    return await fetch(url, { ...init, headers })
  } catch (error) {
    throw new ServiceAway(`nothing answers at ${url} (${reasonOf(error)}). Is it running?`)
  }
}

/** The whole answer of a response. @throws ServiceAway where the connection is cut */
export async function answerOf(response: Response): Promise<ServiceAnswer> {
  const { status, headers } = response
  try {
    const text = await response.text()
    const seconds = Number(headers.get('retry-after') ?? Number.NaN)
    const retryAfter = Number.isFinite(seconds) ? seconds * 1000 : undefined
    return { status, text, members: membersOf(text), retryAfter }
  } catch (error) {
    throw new ServiceAway(`the connection was cut (${reasonOf(error)})`)
  }
}

/** What a refusal says, in one line. */
export function refusal(url: string, { status, text, members }: ServiceAnswer): string {
  const { code, detail } = members
  const words = typeof detail === 'string' ? `${code}: ${detail}` : text.trim().slice(0, 200)
  return `${url} answered ${status} ${words}`
}

/**
 * Repeats the work while the service is away, until `wait` milliseconds have passed without
 * `progress` saying something new. At first it must be there: an address with a typing error is
 * said at once.
 */
export async function whileAway<T>(
  wait: number,
  progress: () => number,
  work: () => Promise<T>,
): Promise<T> {
  let before = progress()
  let since = Date.now()
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const now = progress()
      if (now > before) since = Date.now()
      if (!(error instanceof ServiceAway) || now === 0) throw error
      if (Date.now() - since + error.retryAfter > wait) throw error
      before = now
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
