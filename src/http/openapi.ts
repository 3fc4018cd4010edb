// /openapi.json: an OpenAPI 3.1 document, made from the table that routes requests.
import { type AccessScope, needsToken } from './access.ts'
import { type Exchange, send } from './exchange.ts'
import { type ProblemCode, problems } from './problem.ts'
import { isSafe, type Route } from './route.ts'

const codes = Object.keys(problems).map((code) => `\`${code}\``)
// The codes are in a description: a client made from a closed list would fail at the next one, and
// some tools (NSwag) write names in the place of values.
const problemSchema = {
  type: 'object',
  description: 'Problem details (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer', format: 'int32' },
    detail: { type: 'string', description: 'For people: the words may change.' },
    instance: { type: 'string', format: 'uri-reference', description: 'Names the request.' },
    code: {
      type: 'string',
      description: `For programs: a code stays the same, and new ones may come. ${codes.join(', ')}.`,
    },
    pointer: { type: 'string', description: 'A JSON Pointer to the place of the fault.' },
    line: { type: 'integer', format: 'int64', minimum: 1 },
    column: { type: 'integer', format: 'int64', minimum: 1 },
  },
  additionalProperties: true,
}

// What any request may run into, whatever its route.
// biome-ignore format: by kind, some in a line
const always: readonly ProblemCode[] = [
  'bad_request', 'invalid_query', 'expectation_failed',
  'misdirected_request', 'headers_too_large', 'internal',
]
const groups = [
  { name: 'documents', description: 'Reading and writing.' },
  { name: 'service', description: 'Probes, metrics, and this document.' },
]
const unauthorized: readonly ProblemCode[] = ['token_missing', 'token_invalid']
const securitySchemes = {
  token: { type: 'http', scheme: 'bearer', description: 'The token of the service.' },
}
const text = (description: string) => ({ description, schema: { type: 'string' } })
// The headers that answers of a status have, whatever their route.
const headersOf: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': text('Bearer, and what is wrong with the token.') },
  503: {
    'Retry-After': {
      description: 'How many seconds to wait before it is worth another try.',
      schema: { type: 'integer', format: 'int32', minimum: 0 },
    },
  },
}

/**
 * The OpenAPI document of those routes that are not for browsers. `schemas` are those that the routes
 * refer to; `scope` says which of them need the token, undefined if there is none.
 */
export function describeApi(
  routes: readonly Route[],
  schemas: Readonly<Record<string, object>>,
  scope: AccessScope | undefined,
): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const { method, path, operation } = route
    if (!('operationId' in operation)) continue
    const { problems: own = [], responses, tags = ['service'], ...rest } = operation
    const guarded = needsToken(scope, route)
    const possible = new Set([...own, ...always, ...(guarded ? unauthorized : [])])
    if (!isSafe(method)) possible.add('cross_site')
    const security = guarded ? [{ token: [] }] : []
    // OpenAPI knows QUERY from 3.2 on.
    const name = method === 'QUERY' ? 'x-query' : method.toLowerCase()
    const item = { tags, ...rest, security, responses: problemResponses(possible, responses) }
    paths[path] = { ...paths[path], [name]: item }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Data service',
      version: '1.0.0',
      description:
        'JSON documents, which come back equal in value. HEAD works wherever GET does, OPTIONS everywhere. Pages of the origins in the setting CORS_ORIGINS may use it (CORS). A browser gets a page at `/`, anything else the date and time as one line of text.',
      contact: { name: 'Whoever runs this service' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: groups,
    paths,
    components: {
      schemas: { Problem: problemSchema, ...schemas },
      ...(scope === undefined ? {} : { securitySchemes }),
    },
  }
}

/** The route of the document, which is part of it itself. */
export function openApiRoute(document: () => object): Route {
  let body: string | undefined
  return {
    method: 'GET',
    path: '/openapi.json',
    produces: ['application/json'],
    open: true,
    handle: (exchange: Exchange) => {
      body ??= `${JSON.stringify(document(), null, 2)}\n`
      send(exchange, 200, body)
    },
    operation: {
      operationId: 'getOpenApi',
      summary: 'This document',
      description: 'Made from the table that routes the requests, without the routes of the page.',
      responses: {
        200: {
          description: 'OpenAPI 3.1.',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
      },
      problems: ['not_acceptable', 'overloaded'],
    },
  }
}

// One response holds all codes of a status. The route's own answer of that status (503 of a probe) stays.
function problemResponses(
  codes: ReadonlySet<ProblemCode>,
  responses: Readonly<Record<string, object>>,
): Record<string, object> {
  const merged: Record<string, object> = { ...responses }
  for (const [status, some] of Map.groupBy(codes, (code) => problems[code][0])) {
    if (status in merged) continue
    merged[status] = {
      headers: headersOf[status],
      description: some.map((code) => `\`${code}\`: ${problems[code][1]}.`).join('\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }
  }
  return merged
}
