// What needs the token, as a Deployment says it. Without packages: look.ts asks before npm ci has run.
import { list, text } from './json.ts'

/** What needs the token: undefined if there is no Deployment to tell. */
export function tokenScopeOf(deployment: unknown): string | undefined {
  if (deployment === undefined) return undefined
  const variables = list(deployment, 'spec', 'template', 'spec', 'containers', 0, 'env')
  const scope = variables.find((variable) => text(variable, 'name') === 'API_TOKEN_SCOPE')
  return scope === undefined ? 'none' : text(scope, 'value')
}
