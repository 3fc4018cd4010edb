// Which host a request is for, and whether the service answers to that name.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { quoted } from '../shown-text.ts'
import { Problem } from './problem.ts'

/**
 * The host that the request names, with its port: the authority of an absolute-form target before Host (RFC 9112,
 * section 3.2.2). Undefined if there is none, which HTTP/1.0 allows.
 */
export function requestHost({ url = '', headers }: IncomingMessage): string | undefined {
  if (url.startsWith('/')) return headers.host
  const [, authority] = /^https?:\/\/([^/?]*)/i.exec(url) ?? []
  return authority ?? headers.host
}

/**
 * Makes the check of every request against DNS rebinding: a site can point its own name at this address, and its
 * pages are same-origin for the browser then. What still tells them apart is that name in Host. IP addresses,
 * `localhost` and names below it are always answered, since nobody can point those elsewhere, and so is a request
 * without a host, which no browser sends.
 *
 * `allowed` are further names in lower case; `*.example.com` is every name below it, `*` every name. Undefined: no
 * check.
 * The check throws the Problem `misdirected_request`.
 */
export function createHostCheck(
  allowed: readonly string[] | undefined,
): (request: IncomingMessage) => void {
  if (allowed === undefined || allowed.includes('*')) return () => {}
  const names = new Set(['', 'localhost', ...allowed])
  const patterns = allowed.filter((name) => name.startsWith('*'))
  const ends = ['.localhost', ...patterns.map((pattern) => pattern.slice(1))]
  const isAllowed = (name: string) =>
    names.has(name) || isIP(name) !== 0 || ends.some((end) => name.endsWith(end))
  // Nearly every request names the same one: parsing it each time took 2 % of `GET /`.
  let last: string | undefined
  return (request) => {
    const host = requestHost(request)
    if (host === last || host === undefined) return
    const name = nameOf(host)
    if (name === undefined || !isAllowed(name)) {
      const detail = `This service does not answer to ${quoted(host)}. If that is its name, add it to ALLOWED_HOSTS.`
      throw new Problem('misdirected_request', detail)
    }
    last = host
  }
}

// Without port, brackets and final dot, in lower case.
function nameOf(host: string): string | undefined {
  const [, address, name = address] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? []
  return name?.toLowerCase().replace(/\.$/, '')
}
