// Objects of kinds that others define, against their resource definitions: a folder of them that CRDS names.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv, type ValidateFunction } from 'ajv'
import { parseAllDocuments } from 'yaml'
import { at, list, text } from '../../deploy/json.ts'
import { combinations, objectsOf } from './objects.ts'

const folder = process.env.CRDS
const skip = folder === undefined && 'CRDS names no folder of resource definitions'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As the API server takes it with --validate=strict: what the schema does not name is refused. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (!isRecord(schema)) return schema
  const open = 'additionalProperties' in schema || schema['x-kubernetes-preserve-unknown-fields']
  const entries = Object.entries(schema)
    // Go's flags within an expression are none to JavaScript.
    .filter(([key, value]) => key !== 'pattern' || !String(value).includes('(?'))
    .map(([key, value]) => [key, strict(value)])
  const closed = isRecord(schema.properties) && schema.type === 'object' && !open
  return { ...Object.fromEntries(entries), ...(closed ? { additionalProperties: false } : {}) }
}

/** The schemas by apiVersion and kind. */
function readDefinitions(folder: string): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const documents: unknown = parseAllDocuments(readFileSync(join(folder, file), 'utf8'))
    for (const document of Array.isArray(documents) ? documents : []) {
      const definition: unknown = document.toJS()
      if (text(definition, 'kind') !== 'CustomResourceDefinition') continue
      for (const version of list(definition, 'spec', 'versions')) {
        const apiVersion = `${text(definition, 'spec', 'group')}/${text(version, 'name')}`
        const kind = text(definition, 'spec', 'names', 'kind')
        found.set(`${apiVersion} ${kind}`, at(version, 'schema', 'openAPIV3Schema'))
      }
    }
  }
  return found
}

// What the API server has by itself; schema.test.ts validates it.
const own = ['v1', 'apps/v1', 'autoscaling/v2', 'networking.k8s.io/v1', 'policy/v1']

test('every object of a foreign kind is one that its definition takes, in every combination', {
  skip,
}, () => {
  const definitions = readDefinitions(folder ?? '')
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  const validators = new Map<string, ValidateFunction>()
  for (const { profile, settings } of combinations()) {
    for (const object of objectsOf(profile, settings)) {
      if (own.includes(object.apiVersion)) continue
      const kind = `${object.apiVersion} ${object.kind}`
      const schema = definitions.get(kind)
      assert.ok(isRecord(schema), `${folder} has no definition of ${kind}`)
      // What every object has is in no definition: apiVersion, kind, metadata.
      const closed = strict({ ...schema, 'x-kubernetes-preserve-unknown-fields': true })
      assert.ok(isRecord(closed))
      const validate = validators.get(kind) ?? ajv.compile(closed)
      validators.set(kind, validate)
      assert.ok(
        validate(JSON.parse(JSON.stringify(object))),
        `${kind}: ${ajv.errorsText(validate.errors)}`,
      )
    }
  }
  const kinds = [...validators.keys()].map((kind) => kind.split(' ')[1])
  assert.deepEqual(kinds.sort(), ['MongoDBCommunity', 'PodMonitor', 'PrometheusRule'])
})
