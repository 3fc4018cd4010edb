// The token that the application asks its clients for: read from a Secret that its user makes, in the
// application's namespace (mongo; data-service in the cloud target).
//
//   kubectl create secret generic api-token -n mongo --from-literal=token="$(openssl rand -hex 32)"
//   npm run manifests '--' --api-token writes
//
// The Secret is not optional: a pod that does not find it waits and says so, instead of letting
// everyone in.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as names from './names.ts'

/** What needs the token. */
type TokenScope = 'none' | 'writes' | 'all'

export const isTokenScope = (text: string | undefined): text is TokenScope =>
  text === 'none' || text === 'writes' || text === 'all'

/** The variables that the container reads. */
export const tokenVariables = (scope: TokenScope) =>
  scope === 'none'
    ? []
    : [
        { name: 'API_TOKEN_FILE', value: '/run/credentials/api-token' },
        { name: 'API_TOKEN_SCOPE', value: scope },
      ]

/** What is mounted beside the credentials of the database. */
export const tokenSources = (scope: TokenScope) =>
  scope === 'none'
    ? []
    : [{ secret: { name: names.tokenSecret, items: [{ key: 'token', path: 'api-token' }] } }]

/**
 * What the folder's app.yaml asks for. It is kept unless an option says otherwise: forgetting the option
 * once must not open the service.
 */
export function keptScope(out: string): TokenScope {
  const path = join(out, 'app.yaml')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const [, scope] = /name: API_TOKEN_SCOPE\s+value: (\w+)/.exec(text) ?? []
  return isTokenScope(scope) ? scope : 'none'
}
