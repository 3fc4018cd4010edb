// Finds the route of a request: by exact path, or by a prefix and one segment, the `{id}`.
import { quoted } from '../shown-text.ts'
import { Problem } from './problem.ts'
import { acceptHeader, methods as allMethods, type Route } from './route.ts'
import type { AnswerHeaders } from './security-headers.ts'

type AllowHeaders = AnswerHeaders & { readonly Allow: string }

type Methods = Map<string, Route>

/** Makes the router of a table of routes. */
export function createRouter(routes: readonly Route[]) {
  const exact = new Map<string, Methods>()
  const prefixes = new Map<string, Methods>()
  for (const route of routes) {
    const table = route.path.endsWith('/{id}') ? prefixes : exact
    const path = route.path.replace(/\{id\}$/, '')
    const methods = table.get(path) ?? new Map<string, Route>()
    table.set(path, methods.set(route.method, route))
  }

  const findMethods = (path: string): { methods: Methods; id: string } => {
    const methods = exact.get(path)
    if (methods) return { methods, id: '' }
    const slash = path.lastIndexOf('/') + 1
    const below = prefixes.get(path.slice(0, slash))
    if (!below || slash === path.length) {
      const meant = path.replace(/\/+$/, '').toLowerCase()
      const hint = meant !== path && exact.has(meant) ? ` Did you mean ${meant}?` : ''
      throw new Problem('not_found', `There is no ${quoted(path)} here.${hint}`)
    }
    return { methods: below, id: decode(path.slice(slash)) }
  }

  return {
    /** @throws Problem `not_found`, `method_not_allowed` (with Allow), `invalid_path` */
    find(method: string, path: string): { route: Route; id: string } {
      const { methods, id } = findMethods(path)
      const route = methods.get(method === 'HEAD' ? 'GET' : method)
      if (route) return { route, id }
      const detail = `${quoted(path)} takes ${namesOf(methods)}, not ${method}.`
      throw new Problem('method_not_allowed', detail, {}, headersOf(methods))
    },
    /**
     * What a path takes, as headers: Allow (RFC 9110, section 10.2.1), Accept-Patch, Accept-Query. `*` is
     * the server as a whole (section 9.3.7).
     * @throws Problem `not_found`, `invalid_path`
     */
    allow: (path: string): AllowHeaders =>
      path === '*' ? { Allow: allMethods } : headersOf(findMethods(path).methods),
  }
}

function namesOf(methods: Methods): string {
  const names = [...methods.keys()].flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]))
  return [...names, 'OPTIONS'].join(', ')
}

// Accept-Patch (RFC 5789) and Accept-Query (RFC 10008) beside Allow.
const headersOf = (methods: Methods): AllowHeaders => ({
  Allow: namesOf(methods),
  ...Object.fromEntries(
    [...methods.values()].flatMap(({ method, accepts }) =>
      accepts === undefined ? [] : [[acceptHeader(method), accepts.join(', ')]],
    ),
  ),
})

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new Problem('invalid_path', 'The path has a % that does not begin a UTF-8 character.')
  }
}
