// Lets pages of other origins read and write by fetch (CORS, as the Fetch standard has it): those of a setting.
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Cors {
  /** Whether a page of this origin may do what this service's own page may. */
  allows(origin: string | undefined): boolean
  /** Adds what the browser of such a page asks for to the answer, whatever that will be. */
  prepare(request: IncomingMessage, response: ServerResponse): void
  /** The headers of the answer to a preflight, names and values in turn; none if the request is not a preflight of such a page. */
  preflight(request: IncomingMessage, methods: string): readonly string[]
}

// What a client needs besides the body; scripts see no other header.
const exposed = [
  ...['ETag', 'Link', 'Location', 'X-Total-Count', 'Preference-Applied', 'X-Request-Id'],
  ...['Retry-After', 'Allow', 'Accept-Patch', 'Accept-Query', 'WWW-Authenticate'],
].join(', ')
const sent = [
  ...['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Idempotency-Key'],
  ...['Prefer', 'X-Request-Id'],
].join(', ')
// Seconds for which a browser need not ask again; Chromium keeps to two hours.
const maxAge = '7200'

/** Makes it of origins such as `https://app.example`, or `*` alone. Undefined if there is none. */
export function createCors(origins: readonly string[]): Cors | undefined {
  if (origins.length === 0) return undefined
  const known = new Set(origins)
  const isOpen = known.has('*')
  const allows: Cors['allows'] = (origin) =>
    origin !== undefined && (isOpen || known.has(origin.toLowerCase()))
  return {
    allows,
    prepare(request, response) {
      const { origin } = request.headers
      const allowed = allows(origin)
        ? [
            ...['Access-Control-Allow-Origin', isOpen ? '*' : (origin ?? '')],
            ...['Access-Control-Expose-Headers', exposed],
          ]
        : []
      const writeHead = response.writeHead.bind(response)
      // A cache must not give the answer to one origin to another. Every answer of this service has its headers
      // as one list.
      const withCors = (status: number, headers: string[] = []) =>
        writeHead(status, [...(isOpen ? headers : withVary(headers)), ...allowed])
      Object.assign(response, { writeHead: withCors })
    },
    preflight({ headers }, methods) {
      if (!allows(headers.origin) || headers['access-control-request-method'] === undefined)
        return []
      return [
        ...['Access-Control-Allow-Methods', methods],
        ...['Access-Control-Allow-Headers', sent],
        ...['Access-Control-Max-Age', maxAge],
      ]
    },
  }
}

function withVary(headers: readonly string[]): string[] {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'vary')
  if (at < 0) return [...headers, 'Vary', 'Origin']
  return headers.with(at + 1, `${headers[at + 1]}, Origin`)
}
