// What status calls not well, and the one thing that it says to do.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { commandsFor } from '../../deploy/cluster/report.ts'
import { illnessOf } from '../../deploy/cluster/trouble.ts'
import { cluster, elsewhere, healthy, namesCluster } from '../support/deploy/recorded-cluster.ts'

const commands = commandsFor('data')
const leaving = { metadata: { deletionTimestamp: '2026-11-24T22:00:00Z' } }
const app = 'Deployment/app-deployment'
const database = 'StatefulSet/mongodb'
const appPod = 'Pod/app-deployment-6f-a'
const notReady = {
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
}

const illnesses: readonly [string, Parameters<typeof cluster>[0], RegExp, RegExp][] = [
  [
    'a Service whose selector finds no pod',
    {
      'Service/app-service': { spec: { selector: { 'app.kubernetes.io/name': 'data-sevrice' } } },
      'EndpointSlice/app-service-x': { endpoints: [] },
    },
    /service\/app-service has no ready pod,/,
    /delete service\/app-service, then /,
  ],
  [
    'a Service with pods of which none is ready',
    { 'EndpointSlice/mongodb-client-x': { endpoints: [{ conditions: { ready: false } }] } },
    /service\/mongodb-client has no ready pod,/,
    /delete service\/mongodb-client/,
  ],
  [
    'a Service that is not there',
    { 'Service/app-service': 'gone' },
    /there is no service\/app-service/,
    / up /,
  ],
  [
    'an autoscaler that was deleted',
    { 'HorizontalPodAutoscaler/app-autoscale': 'gone' },
    /there is no autoscaler app-autoscale/,
    / up /,
  ],
  [
    'a claim that is on its way out',
    { 'PersistentVolumeClaim/data-mongodb-0': leaving },
    /data-mongodb-0 was deleted: it goes with the pod/,
    /the documents stay in .*npm run export/,
  ],
  [
    'a claim that has lost its volume',
    { 'PersistentVolumeClaim/data-mongodb-0': { status: { phase: 'Lost' } } },
    /data-mongodb-0 has lost its volume/,
    /pv\/mongo-volume/,
  ],
  [
    'a Deployment at 0',
    { [app]: { spec: { replicas: 0 }, status: { replicas: 0, updatedReplicas: 0 } } },
    /deployment\/app-deployment is scaled to 0/,
    /scale deployment\/app-deployment --replicas=2$/,
  ],
  [
    'a StatefulSet at 0',
    { [database]: { spec: { replicas: 0 }, status: { replicas: 0, readyReplicas: 0 } } },
    /statefulset\/mongodb is scaled to 0/,
    /scale statefulset\/mongodb --replicas=1$/,
  ],
  [
    'a rollout that is paused',
    { [app]: { spec: { paused: true } } },
    /deployment\/app-deployment is paused/,
    /rollout resume deployment\/app-deployment$/,
  ],
  [
    'a rollout that is not complete',
    { [app]: { status: { updatedReplicas: 1 } } },
    /app-deployment is not ready: 1 of 2 pods have the new version/,
    / up --profile data waits for it/,
  ],
  [
    'fewer pods than the autoscaler is to have',
    { 'HorizontalPodAutoscaler/app-autoscale': { spec: { minReplicas: 4 } } },
    /2 of 4 pods have the new version/,
    / up /,
  ],
  [
    'pods that are not ready',
    { [appPod]: notReady, [app]: { status: { readyReplicas: 1, availableReplicas: 1 } } },
    /app-deployment is not ready: 2 of 2 pods have the new version, 1 ready/,
    / logs /,
  ],
  [
    'a pod whose image cannot be had',
    {
      [appPod]: {
        status: {
          containerStatuses: [
            {
              name: 'app',
              image: 'data-service:2',
              state: { waiting: { reason: 'ErrImagePull' } },
            },
          ],
        },
      },
    },
    /container app waits, ErrImagePull for data-service:2/,
    / up /,
  ],
  ['an application without its Deployment', { [app]: 'gone' }, /no deployment\/app-deploy/, / up /],
  [
    'an application without its database',
    { [database]: 'gone' },
    /no statefulset\/mongodb/,
    / up /,
  ],
  [
    'a namespace that a finalizer holds',
    {
      'Namespace/mongo': {
        ...leaving,
        status: {
          phase: 'Terminating',
          conditions: [
            {
              type: 'NamespaceFinalizersRemaining',
              status: 'True',
              reason: 'SomeFinalizersRemain',
              message: 'Some content in the namespace has finalizers remaining: x/y in 1 resource',
            },
            { type: 'NamespaceContentRemaining', status: 'False', reason: 'Old', message: 'no' },
          ],
        },
      },
    },
    /namespace mongo is being removed/,
    /take the finalizer .* off its object/,
  ],
  [
    'a namespace that goes',
    { 'Namespace/mongo': leaving },
    /namespace mongo is being removed/,
    /wait --for=delete namespace\/mongo/,
  ],
]

describe('not well is', () => {
  for (const [name, changes, what, remedy] of illnesses) {
    test(name, () => {
      const illness = illnessOf(cluster(changes), commands)
      assert.equal(illness?.outcome, 'notWell')
      assert.match(illness?.what ?? '', what)
      assert.match(illness?.remedy ?? '', remedy)
      namesCluster(illness?.remedy ?? '', 'data')
    })
  }
})

test('a cluster whose database others run is well without one of its own', () =>
  assert.equal(illnessOf(cluster(elsewhere()), commands), undefined))

test('the recorded cluster is well', () => assert.equal(illnessOf(healthy(), commands), undefined))

test('a namespace that is held is shown with what holds it, and with nothing that has passed', () => {
  const found = illnesses.find(([name]) => name === 'a namespace that a finalizer holds')
  const words = illnessOf(cluster(found?.[1] ?? {}), commands)?.words
  assert.match(words ?? '', /^SomeFinalizersRemain: .* finalizers remaining: x\/y in 1 resource$/)
})

test('neither application nor database is another exit code than not well', () => {
  const changes = { [app]: 'gone', [database]: 'gone' } as const
  assert.equal(illnessOf(cluster(changes), commands)?.outcome, 'notDeployed')
  assert.equal(illnessOf([], commands)?.outcome, 'notDeployed')
  assert.equal(illnessOf(cluster({ [app]: 'gone' }), commands)?.outcome, 'notWell')
})

test('what others need is named before what needs it', () => {
  const both = cluster({ [database]: { spec: { replicas: 0 } }, [app]: { spec: { replicas: 0 } } })
  assert.match(illnessOf(both, commands)?.what ?? '', /mongodb/)
})
