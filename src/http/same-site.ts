// Takes no change from a page of another site: any page that somebody opens can make their browser send one.
import type { IncomingMessage } from 'node:http'
import { requestHost } from './allowed-hosts.ts'
import { Problem } from './problem.ts'
import { isSafe } from './route.ts'

/**
 * Whatever the method and the media type: a page may send some without asking first, and some browsers
 * and extensions send all. Sec-Fetch-Site says who sent it, but only over https and on localhost; Origin
 * comes with every request that is not GET or HEAD. A client that sends neither is not a browser of today.
 * @throws Problem `cross_site`
 */
export function refuseOtherSites(request: IncomingMessage): void {
  if (isSafe(request.method)) return
  const { origin, 'sec-fetch-site': site = 'none' } = request.headers
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
