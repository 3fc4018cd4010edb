// Holds every answer of the service against its own /openapi.json.
import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

interface Media {
  readonly schema?: object
}
interface Response {
  readonly content?: Readonly<Record<string, Media>>
}
interface Operation {
  readonly responses: Readonly<Record<string, Response>>
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

export type Check = (
  method: string,
  path: string,
  status: number,
  contentType: string,
  body: string,
) => void

/** Makes the check for one document. It throws if an answer is not what the document says. */
export function openApiCheck(document: OpenApi): Check {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [
    name,
    // Open for clients, so that a member may be added; an answer has only those that are described.
    { additionalProperties: false, ...schema },
  ])
  ajv.addSchema({ $id: 'api', components: { schemas: Object.fromEntries(schemas) } }, 'api')
  const compiled = new Map<object, ValidateFunction>()
  const validator = (schema: object) => {
    const found = compiled.get(schema) ?? ajv.compile(rebase(schema))
    compiled.set(schema, found)
    return found
  }

  return (method, path, status, contentType, body) => {
    const operation = operationOf(document, method, path)
    const answer = `${method} ${path} ${status}`
    if (!operation) {
      if (/^\/(?:page\/|$)/.test(path)) {
        if (contentType === 'application/problem+json') validateProblem(validator, body, answer)
        return
      }
      // No operation: only the router's own problems are possible.
      assert.ok([204, 404, 405, 400].includes(status), `${answer} has no operation`)
      if (status !== 204) validateProblem(validator, body, answer)
      return
    }
    const response = operation.responses[status]
    assert.ok(response, `${answer} is not in /openapi.json`)
    const [type = ''] = contentType.split(';')
    if (!response.content) {
      assert.equal(body, '', `${answer} should have no body`)
      return
    }
    const media = response.content[type]
    assert.ok(media, `${answer} has no ${type} in /openapi.json`)
    if (method === 'HEAD') {
      assert.equal(body, '', `${answer} should have no body`)
      return
    }
    if (!type.endsWith('json') || type === 'application/x-ndjson' || !media.schema) return
    const validate = validator(media.schema)
    assert.ok(validate(JSON.parse(body)), `${answer}: ${ajv.errorsText(validate.errors)}\n${body}`)
  }
}

const keyOf: Readonly<Record<string, string>> = { HEAD: 'get', QUERY: 'x-query' }

function operationOf(document: OpenApi, method: string, path: string): Operation | undefined {
  const template = document.paths[path] ? path : path.replace(/[^/]+$/, '{id}')
  return document.paths[template]?.[keyOf[method] ?? method.toLowerCase()]
}

function validateProblem(
  validator: (schema: object) => ValidateFunction,
  body: string,
  answer: string,
): void {
  if (body === '') return
  const validate = validator({ $ref: '#/components/schemas/Problem' })
  assert.ok(validate(JSON.parse(body)), `${answer}: no problem details: ${body}`)
}

// References are relative to the document; the schema alone needs its name in front.
function rebase(schema: object): object {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')
  const parsed: unknown = JSON.parse(text)
  assert.ok(typeof parsed === 'object' && parsed !== null)
  return parsed
}
