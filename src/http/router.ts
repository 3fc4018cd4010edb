// Finds the route of a request: by exact path, or by a prefix and one segment, the `{id}`.

import { quoted } from '../quoted.ts'
import { Problem } from './problem.ts'
import { acceptHeader, type Route } from './route.ts'

export interface Match {
  readonly route: Route
  readonly id: string
}

export type Router = (method: string, path: string) => Match

type Methods = Map<string, Route>

/**
 * Makes the function that finds a route.
 * It throws the problems `not_found`, `method_not_allowed` (with Allow) and `invalid_path`.
 */
export function createRouter(routes: readonly Route[]): Router {
  const exact = new Map<string, Methods>()
  const prefixes = new Map<string, Methods>()
  for (const route of routes) {
    const table = route.path.endsWith('/{id}') ? prefixes : exact
    const path = route.path.replace(/\{id\}$/, '')
    const methods = table.get(path) ?? new Map<string, Route>()
    table.set(path, methods.set(route.method, route))
  }

  const find = (path: string): { methods: Methods; id: string } => {
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

  return (method, path) => {
    const { methods, id } = find(path)
    const route = methods.get(method === 'HEAD' ? 'GET' : method)
    if (route) return { route, id }
    const allow = allowed(methods)
    throw new Problem('method_not_allowed', `${quoted(path)} takes ${allow}, not ${method}.`, {}, [
      ...['Allow', allow],
      ...acceptedBodies(methods),
    ])
  }
}

function allowed(methods: Methods): string {
  const names = [...methods.keys()].flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]))
  return [...names, 'OPTIONS'].join(', ')
}

// Accept-Patch (RFC 5789) and Accept-Query (RFC 10008).
const acceptedBodies = (methods: Methods): string[] =>
  [...methods.values()].flatMap(({ method, accepts }) =>
    accepts === undefined ? [] : [acceptHeader(method), accepts.join(', ')],
  )

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new Problem('invalid_path', 'The path has a % that begins no UTF-8 character.')
  }
}
