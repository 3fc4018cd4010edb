// Objects of kinds that others define, against their resource definitions: a folder of them that CRDS names.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv, type ValidateFunction } from 'ajv'
import { parse, parseAllDocuments } from 'yaml'
import { listAt, textAt, valueAt } from '../../deploy/cluster/kubectl.ts'
import { blocksOf } from '../support/docs/markdown.ts'
import { combinations, objectsOf } from '../support/manifests/objects.ts'

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
      if (textAt(definition, 'kind') !== 'CustomResourceDefinition') continue
      for (const version of listAt(definition, 'spec', 'versions')) {
        const apiVersion = `${textAt(definition, 'spec', 'group')}/${textAt(version, 'name')}`
        const kind = textAt(definition, 'spec', 'names', 'kind')
        found.set(`${apiVersion} ${kind}`, valueAt(version, 'schema', 'openAPIV3Schema'))
      }
    }
  }
  return found
}

// What the API server has built in; schema.test.ts validates it.
const own = ['v1', 'apps/v1', 'autoscaling/v2', 'batch/v1', 'networking.k8s.io/v1', 'policy/v1']

/** What checks objects against the definitions of the folder, and which kinds it has seen. */
function checkWith(folder: string) {
  const definitions = readDefinitions(folder)
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  const validators = new Map<string, ValidateFunction>()
  const check = (object: unknown) => {
    const kind = `${textAt(object, 'apiVersion')} ${textAt(object, 'kind')}`
    const schema = definitions.get(kind)
    assert.ok(isRecord(schema), `${folder} has no definition of ${kind}`)
    // What every object has is in no definition: apiVersion, kind, metadata.
    const closed = strict({ ...schema, 'x-kubernetes-preserve-unknown-fields': true })
    assert.ok(isRecord(closed))
    const validate = validators.get(kind) ?? ajv.compile(closed)
    validators.set(kind, validate)
    const valid = validate(JSON.parse(JSON.stringify(object)))
    assert.ok(valid, `${kind}: ${ajv.errorsText(validate.errors)}`)
  }
  const kinds = () => [...validators.keys()].map((kind) => kind.split(' ')[1] ?? '').sort()
  return { check, kinds }
}

test('every object of a foreign kind is one that its definition takes, in every combination', {
  skip,
}, () => {
  const { check, kinds } = checkWith(folder ?? '')
  for (const { target, settings } of combinations()) {
    for (const object of objectsOf(target, settings)) {
      if (!own.includes(object.apiVersion)) check(object)
    }
  }
  assert.deepEqual(kinds(), [
    'Certificate',
    'Gateway',
    'HTTPRoute',
    'MongoDBCommunity',
    'PodMonitor',
    'PrometheusRule',
  ])
})

test('what its definition does not know is found', { skip }, () => {
  const { check } = checkWith(folder ?? '')
  const found = objectsOf('cloud', { monitoring: true }).find(({ kind }) => kind === 'PodMonitor')
  const object = JSON.parse(JSON.stringify(found))
  check(object)
  object.spec.podMetricsEndpoints[0].prot = 'http'
  assert.throws(() => check(object), /must NOT have additional properties/)
})

test('the objects that docs/cloud.md shows are those of their definitions', { skip }, () => {
  const { check, kinds } = checkWith(folder ?? '')
  for (const { language, text: block } of blocksOf('docs/cloud.md')) {
    if (language !== 'yaml') continue
    const object: unknown = parse(block)
    if (/^cert-manager|^gateway/.test(textAt(object, 'apiVersion'))) check(object)
  }
  assert.deepEqual(kinds(), ['Certificate', 'ClusterIssuer'])
})
