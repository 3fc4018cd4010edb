// Each object against the API's own schema. The types cannot see a quantity, a name or a range.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { CronJob } from 'kubernetes-models/batch/v1'
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import {
  ConfigMap,
  Namespace,
  PersistentVolume,
  PersistentVolumeClaim,
  Secret,
  Service,
} from 'kubernetes-models/v1'
import { combinations, filesOf, objectsOf, targets } from '../support/manifests/objects.ts'

const models = {
  ConfigMap,
  CronJob,
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  Namespace,
  NetworkPolicy,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  Secret,
  Service,
  StatefulSet,
}
const isModel = (kind: string): kind is keyof typeof models => Object.hasOwn(models, kind)

for (const target of targets) {
  test(`${target}: every object validates against the API's schema`, () => {
    let validated = 0
    for (const object of objectsOf(target)) {
      // The operator's own kind is checked against its definition: in definitions.test.ts, and by a real API server in tests/needs/cluster.
      if (object.kind === 'MongoDBCommunity') continue
      assert.ok(isModel(object.kind), `no schema for ${object.kind}`)
      const model = new models[object.kind](JSON.parse(JSON.stringify(object)))
      assert.doesNotThrow(() => model.validate(), `${object.kind} ${object.metadata.name}`)
      assert.equal(model.apiVersion, object.apiVersion)
      validated += 1
    }
    assert.ok(validated >= 11, `only ${validated} objects`)
  })

  test(`${target}: every name is a DNS label and occurs once in its kind and namespace`, () => {
    const seen = new Set<string>()
    for (const { kind, metadata } of objectsOf(target)) {
      assert.match(metadata.name, /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/)
      const identity = `${kind} ${metadata.namespace ?? ''} ${metadata.name}`
      assert.ok(!seen.has(identity), `${identity} twice`)
      seen.add(identity)
    }
  })

  test(`${target}: every object is of its file's namespace, and the namespace is made first`, () => {
    const files = filesOf(target)
    const made = files[0]?.objects.map(({ kind, metadata }) => {
      assert.equal(kind, 'Namespace')
      return metadata.name
    })
    for (const { file, namespace, objects } of files.slice(1)) {
      assert.ok(made?.includes(namespace), `${file}: ${namespace} is not made`)
      for (const { kind, metadata } of objects) {
        if (kind !== 'PersistentVolume') assert.equal(metadata.namespace, namespace, file)
      }
    }
  })
}

test('in every combination of options, all kinds validate and no name occurs twice', () => {
  for (const { target, settings } of combinations()) {
    const seen = new Set<string>()
    for (const object of objectsOf(target, settings)) {
      const { kind, metadata } = object
      const identity = `${kind} ${metadata.namespace ?? ''} ${metadata.name}`
      assert.ok(!seen.has(identity), `${identity} twice`)
      seen.add(identity)
      // Those of others are checked in definitions.test.ts.
      if (isModel(kind)) new models[kind](JSON.parse(JSON.stringify(object))).validate()
      else assert.match(object.apiVersion, /\..*\//)
    }
  }
})

test('a volume on one of several nodes is of the schema too', () => {
  const volume = objectsOf('minikube', { volumeNode: 'minikube-m02' }).find(
    ({ kind }) => kind === 'PersistentVolume',
  )
  const plain = JSON.parse(JSON.stringify(volume))
  assert.ok(plain.spec.nodeAffinity)
  new PersistentVolume(plain).validate()
})

test('a wrong quantity would be found', () => {
  const volume = objectsOf('minikube', { storage: '12 MB' }).find(
    ({ kind }) => kind === 'PersistentVolume',
  )
  assert.throws(() => new PersistentVolume(JSON.parse(JSON.stringify(volume))).validate())
})
