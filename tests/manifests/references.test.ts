// The rules between objects: whatever one names, another is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, Probe } from 'kubernetes-types/core/v1.js'
import { MongoClient } from 'mongodb'
import {
  allOf,
  objectsOf,
  one,
  selects,
  targets,
  workloadsOf,
} from '../support/manifests/objects.ts'

const probesOf = ({ startupProbe, livenessProbe, readinessProbe }: Container): Probe[] => {
  assert.ok(startupProbe && livenessProbe && readinessProbe, 'a probe is missing')
  return [startupProbe, livenessProbe, readinessProbe]
}

for (const target of targets) {
  const workloads = workloadsOf(target)

  test(`${target}: a workload's selector matches its own pods and those of no other`, () => {
    for (const { name, selector, template } of workloads) {
      assert.ok(Object.keys(selector).length > 0, name)
      assert.ok(selects(selector, template.metadata?.labels), name)
      for (const other of workloads) {
        if (other.name !== name) assert.ok(!selects(selector, other.template.metadata?.labels))
      }
    }
  })

  test(`${target}: a Service selects pods, and each of its target ports is declared there`, () => {
    for (const { metadata, spec } of allOf(target, 'Service')) {
      const behind = workloads.filter(
        ({ namespace, template }) =>
          namespace === metadata.namespace && selects(spec?.selector, template.metadata?.labels),
      )
      assert.equal(behind.length, 1, `${metadata.name} has ${behind.length} workloads`)
      const declared = behind[0]?.pod.containers.flatMap(({ ports }) => ports ?? [])
      for (const { targetPort } of spec?.ports ?? []) {
        assert.ok(
          declared?.some(({ name }) => name === targetPort),
          `${targetPort}`,
        )
      }
    }
  })

  test(`${target}: the autoscaler's target exists`, () => {
    const { metadata, spec } = one(target, 'HorizontalPodAutoscaler', 'app-autoscale')
    const scaled = one(target, 'Deployment', spec?.scaleTargetRef.name ?? '')
    assert.equal(scaled.metadata.namespace, metadata.namespace)
    assert.equal(scaled.apiVersion, spec?.scaleTargetRef.apiVersion)
    assert.equal(scaled.kind, spec?.scaleTargetRef.kind)
    for (const { resources } of scaled.spec?.template.spec?.containers ?? []) {
      assert.ok(resources?.requests?.cpu, 'a percentage needs a request to be a percentage of')
    }
  })

  test(`${target}: there is no number of replicas beside the autoscaler`, () => {
    assert.equal(one(target, 'Deployment', 'app-deployment').spec?.replicas, undefined)
  })

  test(`${target}: every probe's port is declared`, () => {
    for (const { name, pod } of workloads) {
      for (const container of pod.containers) {
        const declared = container.ports?.map((port) => port.name)
        for (const probe of probesOf(container)) {
          const port = probe.httpGet?.port ?? probe.tcpSocket?.port
          if (port !== undefined) assert.ok(declared?.includes(`${port}`), `${name}: ${port}`)
          else assert.ok(probe.exec, `${name}: a probe without a port`)
        }
      }
    }
  })

  test(`${target}: no probe runs mongosh`, () => {
    assert.doesNotMatch(JSON.stringify(workloads), /mongosh/)
  })

  test(`${target}: every mounted volume exists, and every volume is mounted`, () => {
    for (const { name, pod } of workloads) {
      const set = allOf(target, 'StatefulSet').find(({ metadata }) => metadata.name === name)
      const claims = set?.spec?.volumeClaimTemplates?.map(({ metadata }) => metadata?.name) ?? []
      const volumes = [...(pod.volumes ?? []).map((volume) => volume.name), ...claims].sort()
      const mounts = pod.containers.flatMap(({ volumeMounts }) => volumeMounts ?? [])
      assert.deepEqual(mounts.map((mount) => mount.name).sort(), volumes, name)
    }
  })

  test(`${target}: what a pod reads from a ConfigMap or a Secret is there`, () => {
    // What the operator writes, and what the user brings: see manifests/operator.ts.
    const fromOutside = ['mongodb-connection', 'mongodb-ca']
    for (const { namespace, pod } of workloads) {
      for (const { envFrom } of pod.containers) {
        for (const { configMapRef } of envFrom ?? []) {
          const map = one(target, 'ConfigMap', configMapRef?.name ?? '')
          assert.equal(map.metadata.namespace, namespace)
        }
      }
      for (const { projected } of pod.volumes ?? []) {
        for (const { secret, configMap } of projected?.sources ?? []) {
          const name = secret?.name ?? configMap?.name ?? ''
          if (target === 'cloud' && fromOutside.includes(name)) continue
          const { metadata, data } = one(target, 'Secret', name)
          assert.equal(metadata.namespace, namespace)
          for (const { key } of secret?.items ?? []) assert.ok(data?.[key], key)
        }
      }
    }
  })

  test(`${target}: a disruption budget has pods and lets one of them go`, () => {
    const budgets = allOf(target, 'PodDisruptionBudget')
    assert.ok(budgets.length > 0)
    for (const { metadata, spec } of budgets) {
      assert.equal(spec?.maxUnavailable, 1)
      const labels = JSON.stringify(spec.selector?.matchLabels)
      const selected = objectsOf(target).filter(
        ({ kind, metadata: { namespace } }) =>
          ['Deployment', 'MongoDBCommunity'].includes(kind) && namespace === metadata.namespace,
      )
      assert.ok(JSON.stringify(selected).includes(labels.slice(1, -1)), metadata.name)
    }
  })

  test(`${target}: every network policy and every peer in it selects a workload`, () => {
    for (const { metadata, spec } of allOf(target, 'NetworkPolicy')) {
      const peers = [
        ...(spec?.ingress ?? []).flatMap(({ from }) => from ?? []),
        ...(spec?.egress ?? []).flatMap(({ to }) => to ?? []),
      ]
      const selectors = [spec?.podSelector, ...peers.map(({ podSelector }) => podSelector)]
      for (const labels of selectors.map((selector) => selector?.matchLabels)) {
        if (labels === undefined || 'k8s-app' in labels) continue
        const known = JSON.stringify(
          objectsOf(target).filter(({ kind }) => kind !== 'NetworkPolicy'),
        )
        assert.ok(known.includes(JSON.stringify(labels).slice(1, -1)), `${metadata.name}: no pods`)
      }
    }
  })

  test(`${target}: the application may ask DNS and the database, and the database lets it in`, () => {
    const policy = (name: string) => {
      const { spec, metadata } = one(target, 'NetworkPolicy', name)
      assert.deepEqual(spec?.policyTypes, ['Ingress', 'Egress'])
      return { ...spec, namespace: metadata.namespace }
    }
    const [application, backup] = [policy('app-deployment'), policy('app-backup')]
    const database = policy('mongodb')
    const peer = ({ podSelector, namespace }: typeof application) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      podSelector,
    })
    const ports = [{ protocol: 'TCP', port: 27017 }]
    assert.deepEqual(application.ingress, [{ ports: [{ protocol: 'TCP', port: 5000 }] }])
    assert.deepEqual(
      application.egress?.[0]?.ports?.map(({ port }) => port),
      [53, 53],
    )
    assert.deepEqual(application.egress?.slice(1), [{ to: [peer(database)], ports }])
    assert.deepEqual(database.ingress?.[0], { from: [peer(application), peer(backup)], ports })
    if (target === 'minikube') {
      assert.equal(database.ingress?.length, 1)
      assert.equal(database.egress, undefined)
    }
  })
}

test('the address in the config is the Service, with a port that it has', () => {
  const [host, port] = (one('minikube', 'ConfigMap', 'mongo-config').data?.DB_URL ?? '').split(':')
  const { spec } = one('minikube', 'Service', host ?? '')
  assert.ok(spec?.ports?.some((declared) => `${declared.port}` === port))
})

test("the user in the config is the secret's", () => {
  const user = one('minikube', 'Secret', 'mongo-secret').data?.username ?? ''
  const { data } = one('minikube', 'ConfigMap', 'mongo-config')
  assert.equal(data?.USER_NAME, Buffer.from(user, 'base64').toString())
})

test("the StatefulSet's Service is headless, selects its pods and names the port mongodb", () => {
  const { spec } = one('minikube', 'StatefulSet', 'mongodb')
  const service = one('minikube', 'Service', spec?.serviceName ?? '')
  assert.equal(service.spec?.clusterIP, 'None')
  assert.ok(selects(service.spec?.selector, spec?.template.metadata?.labels))
  assert.deepEqual(
    service.spec?.ports?.map(({ name }) => name),
    ['mongodb'],
  )
})

test("the volume is kept for the StatefulSet's claim, which asks for no more than it has", () => {
  const volume = objectsOf('minikube').find(({ kind }) => kind === 'PersistentVolume')
  const claim = one('minikube', 'StatefulSet', 'mongodb').spec?.volumeClaimTemplates?.[0]
  assert.ok(volume && 'spec' in volume)
  const { spec } = JSON.parse(JSON.stringify(volume))
  assert.equal(spec.claimRef.name, `${claim?.metadata?.name}-mongodb-0`)
  assert.equal(spec.claimRef.namespace, 'mongo')
  assert.equal(spec.capacity.storage, claim?.spec?.resources?.requests?.storage)
  assert.equal(spec.storageClassName, '')
  assert.equal(claim?.spec?.storageClassName, '')
  assert.deepEqual(spec.accessModes, claim?.spec?.accessModes)
})

test('the cloud target has no static volume, a load balancer and three members', () => {
  const objects = objectsOf('cloud')
  assert.ok(!objects.some(({ kind }) => kind === 'PersistentVolume' || kind === 'StatefulSet'))
  assert.equal(one('cloud', 'Service', 'app-service').spec?.type, 'LoadBalancer')
  const members = objects.find(({ kind }) => kind === 'MongoDBCommunity')
  assert.match(JSON.stringify(members), /"members":3/)
})

test("the cloud's application reads the secret that its database's operator is told to write", () => {
  const members = JSON.parse(
    JSON.stringify(objectsOf('cloud').find(({ kind }) => kind === 'MongoDBCommunity')),
  )
  const [user] = members.spec.users
  const { metadata, spec } = one('cloud', 'Deployment', 'app-deployment')
  const sources = spec?.template.spec?.volumes?.[0]?.projected?.sources
  assert.equal(user.connectionStringSecretNamespace, metadata.namespace)
  assert.equal(user.connectionStringSecretName, sources?.[0]?.secret?.name)
  assert.equal(user.passwordSecretRef.name, one('cloud', 'Secret', 'mongo-secret').metadata.name)
  const [mount] = spec?.template.spec?.containers[0]?.volumeMounts ?? []
  const authority = sources?.[1]?.configMap?.items?.[0]?.path
  assert.equal(user.additionalConnectionStringConfig.tlsCAFile, `${mount?.mountPath}/${authority}`)
})

test("the driver takes the operator's connection string, with TLS and its authority's file", () => {
  const members = JSON.parse(
    JSON.stringify(objectsOf('cloud').find(({ kind }) => kind === 'MongoDBCommunity')),
  )
  const [user] = members.spec.users
  const { tlsCAFile } = user.additionalConnectionStringConfig
  // As MongoAuthUserSRVURI of the operator writes it.
  const uri = `mongodb+srv://${user.name}:secret@mongodb-svc.mongo.svc.cluster.local/admin?replicaSet=mongodb&ssl=${members.spec.security.tls.enabled}&tlsCAFile=${tlsCAFile}`
  const { options } = new MongoClient(uri)
  assert.equal(options.tls, true)
  assert.equal(options.tlsCAFile, '/run/credentials/ca.crt')
  assert.equal(options.srvHost, 'mongodb-svc.mongo.svc.cluster.local')
})
