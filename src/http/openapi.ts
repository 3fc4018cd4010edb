// /openapi.json: an OpenAPI 3.1 document, made from the table that routes requests.
import { type AccessScope, needsToken } from './access.ts'
import { type Exchange, send } from './exchange.ts'
import { type ProblemCode, problems } from './problem.ts'
import type { Route } from './route.ts'

const problemSchema = {
  type: 'object',
  description: 'Problem details (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', format: 'uri' },
    code: { enum: Object.keys(problems) },
    pointer: { type: 'string', description: 'A JSON Pointer to the place of the fault.' },
    line: { type: 'integer' },
    column: { type: 'integer' },
  },
  additionalProperties: true,
}

// What any request may run into, whatever its route.
const always: readonly ProblemCode[] = [
  'bad_request',
  'expectation_failed',
  'misdirected_request',
  'headers_too_large',
]

const unauthorized: readonly ProblemCode[] = ['token_missing', 'token_invalid']
const securitySchemes = {
  token: { type: 'http', scheme: 'bearer', description: 'The token of the service.' },
}

/**
 * The OpenAPI document of these routes. `schemas` are those that the routes refer to; `scope` says
 * which of them need the token, undefined where there is none.
 */
export function openApi(
  routes: readonly Route[],
  schemas: Readonly<Record<string, object>>,
  scope: AccessScope | undefined,
): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const { method, path, operation } = route
    const { problems: own = [], responses, ...rest } = operation
    const guarded = needsToken(scope, route)
    const changing = method === 'GET' ? [] : (['cross_site'] as const)
    const codes = [
      ...own,
      ...always,
      ...changing,
      ...(guarded ? unauthorized : []),
      'internal',
    ] as const
    const item = paths[path] ?? {}
    paths[path] = item
    item[method.toLowerCase()] = {
      ...rest,
      ...(guarded ? { security: [{ token: [] }] } : {}),
      responses: problemResponses(codes, responses),
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Data service',
      version: '1',
      description:
        'JSON documents, kept exactly. HEAD works wherever GET does, OPTIONS everywhere.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: problemSchema, ...schemas },
      ...(scope === undefined ? {} : { securitySchemes }),
    },
  }
}

/** The route that answers with the document. It is part of the document itself. */
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

// Several codes may share a status: one response holds them all. An answer that the route has of
// its own for that status (503 of a probe) stays what it is.
function problemResponses(
  codes: readonly ProblemCode[],
  responses: Readonly<Record<string, object>>,
): Record<string, object> {
  const merged: Record<string, object> = { ...responses }
  const byStatus = Map.groupBy(new Set(codes), (code) => problems[code][0])
  for (const [status, some] of byStatus) {
    if (status in merged) continue
    merged[status] = {
      description: some.map((code) => `\`${code}\`: ${problems[code][1]}.`).join('\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }
  }
  return merged
}
