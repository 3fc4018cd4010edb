// Who may do what: the optional bearer token (RFC 6750).
import { hash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Problem } from './problem.ts'
import { isSafe, type Route } from './route.ts'

/** What needs the token: every method that changes something, or reading too. */
export type AccessScope = 'writes' | 'all'

export interface Access {
  readonly token: string
  readonly scope: AccessScope
}

/** Whether a request to the route has to bring the token. */
export const needsToken = (scope: AccessScope | undefined, { method, open }: Route): boolean =>
  scope !== undefined && !open && (scope === 'all' || !isSafe(method))

/**
 * Makes the check of every request, which throws the Problem `token_missing` or `token_invalid`. Without
 * `access` it lets everything through.
 */
export function createGuard(
  access: Access | undefined,
): (request: IncomingMessage, route: Route) => void {
  if (!access) return () => {}
  const expected = digest(access.token)
  return ({ headers }, route) => {
    if (!needsToken(access.scope, route)) return
    const [, scheme = '', token = ''] = /^(\S+) *(.*)$/.exec(headers.authorization ?? '') ?? []
    // Another scheme counts as no token: section 3.1 has no error code for it.
    if (scheme.toLowerCase() !== 'bearer') {
      const detail = 'Send Authorization: Bearer with the token.'
      throw new Problem('token_missing', detail, {}, challenge())
    }
    // Of digests, so that the time it takes reveals neither the token's length nor its beginning.
    if (!timingSafeEqual(digest(token), expected)) {
      const detail = 'The token is not the one of this service.'
      throw new Problem('token_invalid', detail, {}, challenge(', error="invalid_token"'))
    }
  }
}

const digest = (text: string) => hash('sha256', text, 'buffer')

const challenge = (error = '') => ({
  'WWW-Authenticate': `Bearer realm="data-service"${error}`,
})
