// What pages of other origins may do: read and write if the setting names them (CORS), and change nothing otherwise.
import type { IncomingMessage } from 'node:http'
import { requestHost } from './allowed-hosts.ts'
import { Problem } from './problem.ts'
import { isSafe } from './route.ts'
import type { AnswerHeaders } from './security-headers.ts'

export type Cors = NonNullable<ReturnType<typeof createCors>>

// What a client needs besides the body; scripts see no other header.
const exposed =
  'ETag, Link, Location, X-Total-Count, Preference-Applied, X-Request-Id, ' +
  'Retry-After, Allow, Accept-Patch, Accept-Query, WWW-Authenticate'
const sent =
  'Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Prefer, X-Request-Id'
// Seconds for which a browser need not ask again; Chromium keeps to two hours.
const maxAge = '7200'

/** Makes it from origins such as `https://app.example`, or `*` alone. Undefined if there is none. */
export function createCors(origins: readonly string[]) {
  if (origins.length === 0) return undefined
  const known = new Set(origins)
  const isOpen = known.has('*')
  const allows = (origin: string | undefined) =>
    origin !== undefined && (isOpen || known.has(origin.toLowerCase()))
  return {
    /** Whether a page of this origin may do what this service's own page may. */
    allows,
    /** What the browser of such a page needs, whatever the answer will be. */
    answerHeaders({ headers: { origin } }: IncomingMessage): AnswerHeaders {
      // A cache must not give the answer to one origin to another.
      const vary: AnswerHeaders = isOpen ? {} : { Vary: 'Origin' }
      if (!allows(origin)) return vary
      return {
        ...vary,
        'Access-Control-Allow-Origin': isOpen ? '*' : (origin ?? ''),
        'Access-Control-Expose-Headers': exposed,
      }
    },
    /** The headers of the answer to a preflight; none if it is not a preflight of such a page. */
    preflight({ headers }: IncomingMessage, methods: string): AnswerHeaders {
      const isPreflight = headers['access-control-request-method'] !== undefined
      if (!isPreflight || !allows(headers.origin)) return {}
      return {
        'Access-Control-Allow-Methods': methods,
        'Access-Control-Allow-Headers': sent,
        'Access-Control-Max-Age': maxAge,
      }
    },
  }
}

// Takes no change from a page of another site: any page that somebody opens can make their browser send one.

/**
 * Whatever the media type: a page may send some without asking first, and some browsers and extensions send all.
 * Sec-Fetch-Site says who sent it, but only over https and on localhost; Origin comes with all but GET and HEAD.
 * A client that sends neither is not a browser of today.
 * @throws Problem `cross_site`
 */
export function refuseOtherSites(request: IncomingMessage, cors?: Cors): void {
  if (isSafe(request.method)) return
  const { origin, 'sec-fetch-site': site = 'none' } = request.headers
  if (cors?.allows(origin)) return
  // A proxy may change Host: if the browser itself says that the origin is the same, it is.
  if (site === 'same-origin') return
  if (site === 'none' && (origin === undefined || isOwn(origin, requestHost(request)))) return
  throw new Problem(
    'cross_site',
    'A page of another site sent this. Only the page of this service may, or a program that is not a browser.',
  )
}

// The scheme is not compared: behind a proxy with TLS the browser's is https, and ours http.
function isOwn(origin: string, host = ''): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host: expected } = new URL(origin)
  const own = `${protocol}//${host}`
  return expected !== '' && URL.canParse(own) && new URL(own).host === expected
}
