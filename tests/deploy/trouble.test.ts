// What keeps a rollout from its end is found in the cluster's own objects, and nothing else is taken for it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exitMeaning } from '../../deploy/cluster/pod-trouble.ts'
import { commandsFor } from '../../deploy/cluster/report.ts'
import { troubleOf } from '../../deploy/cluster/trouble.ts'
import { firstUnready, passwordTrouble, refusesPassword } from '../../deploy/cluster/unready.ts'
import { newestPods, progressOf, workloadOf } from '../../deploy/cluster/workload.ts'

const app = { kind: 'Deployment', name: 'app-deployment' } as const
const database = { kind: 'StatefulSet', name: 'mongodb' } as const
const commands = commandsFor('data')

const replicaSet = (name: string, revision: number) => ({
  kind: 'ReplicaSet',
  metadata: {
    name,
    ownerReferences: [{ name: 'app-deployment' }],
    annotations: { 'deployment.kubernetes.io/revision': `${revision}` },
  },
})
const pod = (status: object, owner = 'app-2', more: object = {}) => ({
  kind: 'Pod',
  metadata: { name: `${owner}-x`, ownerReferences: [{ name: owner }], ...more },
  status,
})
const waiting = (reason: string, message = '', image = 'data-service:1') => ({
  containerStatuses: [{ name: 'app', image, state: { waiting: { reason, message } } }],
})
const crashed = (exitCode: number, restartCount: number, reason = 'Error') => ({
  containerStatuses: [
    {
      name: 'app',
      restartCount,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
      lastState: { terminated: { exitCode, reason } },
    },
  ],
})
const sets = [replicaSet('app-1', 1), replicaSet('app-2', 2)]
const unscheduled = (message: string) => ({
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
})
const event = (name: string, reason: string, message: string) => ({
  kind: 'Event',
  type: 'Warning',
  reason,
  message,
  involvedObject: { name },
  lastTimestamp: '2026-11-24T22:00:00Z',
})

describe('a trouble', () => {
  for (const [name, items, outcome, words] of [
    [
      'is a pod that fits on no node',
      [pod(unscheduled('0/1 nodes are available: 1 Insufficient cpu.'))],
      'unschedulable',
      /Insufficient cpu/,
    ],
    [
      'is an image that cannot be pulled',
      [pod(waiting('ErrImagePull', 'not found'))],
      'imagePull',
      /not found/,
    ],
    [
      'is an image that is waited for',
      [pod(waiting('ImagePullBackOff', 'Back-off'))],
      'imagePull',
      /Back-off/,
    ],
    [
      'is a missing secret',
      [pod(waiting('CreateContainerConfigError', 'secret "mongo-secret" not found'))],
      'container',
      /mongo-secret/,
    ],
    ['is the third end of a container', [pod(crashed(2, 2))], 'crashLoop', /back-off 40s/],
    [
      'is a folder that is not there',
      [
        pod(waiting('ContainerCreating')),
        event('app-2-x', 'FailedMount', 'hostPath type check failed: /data/mongodb'),
      ],
      'container',
      /hostPath type check failed/,
    ],
    [
      'is a pod that may not be made',
      [event('app-2', 'FailedCreate', 'violates PodSecurity "restricted"')],
      'podRefused',
      /violates PodSecurity/,
    ],
  ] as const) {
    test(name, () => {
      const trouble = troubleOf(app, [...sets, ...items], commands)
      assert.equal(trouble?.outcome, outcome)
      assert.match(trouble?.words ?? '', words)
      assert.notEqual(trouble?.remedy, '')
    })
  }

  for (const [name, items] of [
    ['a container that is being created', [pod(waiting('ContainerCreating'))]],
    ['a container that ended once', [pod(crashed(1, 0))]],
    ['a container that went with its machine again and again', [pod(crashed(255, 5, 'Unknown'))]],
    ['an old pod that is broken', [pod(waiting('ImagePullBackOff'), 'app-1')]],
    [
      'a pod that leaves',
      [pod(waiting('ImagePullBackOff'), 'app-2', { deletionTimestamp: '2026-11-24T22:00:00Z' })],
    ],
    ['a pod of somebody else', [pod(waiting('ImagePullBackOff'), 'other')]],
    ['nothing at all', []],
  ] as const) {
    test(`is not ${name}`, () =>
      assert.equal(troubleOf(app, [...sets, ...items], commands), undefined))
  }

  test('says what the exit code means, and whose log helps', () => {
    const trouble = troubleOf(app, [...sets, pod(crashed(137, 5, 'OOMKilled'))], commands)
    assert.match(trouble?.meaning ?? '', /137: it used more memory than its limit/)
    assert.deepEqual(trouble?.logOf, { pod: 'app-2-x', container: 'app', previous: true })
  })

  test('names the image, and our own is given no time that a registry would get', () => {
    const own = troubleOf(app, [...sets, pod(waiting('ErrImagePull'))], commands)
    const other = troubleOf(
      database,
      [pod(waiting('ErrImagePull', '', 'mongo:8'), 'mongodb')],
      commands,
    )
    assert.match(other?.what ?? '', /mongo:8/)
    assert.ok((own?.patience ?? 99) < (other?.patience ?? 0))
  })
})

test('exit codes mean different things in the application and in the database', () => {
  assert.match(exitMeaning('app', 2, 'Error'), /wrong settings/)
  assert.match(exitMeaning('mongodb', 62, 'Error'), /newer or much older MongoDB/)
  assert.match(exitMeaning('mongodb', 132, 'Error'), /AVX/)
  assert.match(exitMeaning('app', 135, 'Error'), /signal 7/)
  assert.equal(exitMeaning('app', 77, 'Error'), 'exit code 77')
})

describe('a wrong password', () => {
  test('is found in the words of the driver', () => {
    for (const line of [
      '{"level":40,"msg":"no connection: Authentication failed."}',
      'MongoServerError: Authentication failed. code: 18',
      '{"codeName":"AuthenticationFailed"}',
    ]) {
      assert.ok(refusesPassword(line), line)
    }
    assert.ok(!refusesPassword('connect ECONNREFUSED 10.0.0.1:27017'))
    assert.ok(!refusesPassword('GET /data 200 18 ms'))
  })

  test('is not seen if the log speaks of something else', () => {
    assert.equal(passwordTrouble('app-2-x', 'connect ECONNREFUSED', commands), undefined)
    assert.match(
      passwordTrouble('app-2-x', 'a\nAuthentication failed.\n', commands)?.words ?? '',
      /^Auth/,
    )
    const line = '{"attempts":30,"err":{"message":"authentication failed","stack":"at x"}}'
    assert.equal(passwordTrouble('app-2-x', line, commands)?.words, 'authentication failed')
    const plain = '{"level":40,"msg":"store: Authentication failed at the database"}'
    assert.match(
      passwordTrouble('app-2-x', plain, commands)?.words ?? '',
      /^store: Auth.*database$/,
    )
  })

  test('is looked for in a pod that runs and is not ready', () => {
    const status = (ready: string) => ({
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready }],
    })
    assert.equal(firstUnready([pod(status('True')), pod(status('False'), 'late')]), 'late-x')
    assert.equal(firstUnready([pod(status('True'))]), undefined)
  })
})

describe('a rollout', () => {
  const deployment = (status: object, generation = 2) => ({
    kind: 'Deployment',
    metadata: { name: 'app-deployment', generation },
    spec: { replicas: 2 },
    status,
  })
  const whole = {
    observedGeneration: 2,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
  }

  test('is complete when every pod is new and available, and no old one is left', () => {
    assert.equal(progressOf(app, [deployment(whole)]).complete, true)
    for (const part of [
      { observedGeneration: 1 },
      { replicas: 3 },
      { updatedReplicas: 1 },
      { availableReplicas: 1 },
    ]) {
      assert.equal(progressOf(app, [deployment({ ...whole, ...part })]).complete, false)
    }
    assert.equal(progressOf(app, []).complete, false)
  })

  test('of a database is complete when its newest revision is ready', () => {
    const set = (status: object) => ({
      kind: 'StatefulSet',
      metadata: { name: 'mongodb', generation: 1 },
      spec: { replicas: 1 },
      status: {
        observedGeneration: 1,
        readyReplicas: 1,
        currentRevision: 'a',
        updateRevision: 'a',
        ...status,
      },
    })
    assert.equal(progressOf(database, [set({})]).complete, true)
    assert.equal(progressOf(database, [set({ readyReplicas: 0 })]).complete, false)
    assert.equal(progressOf(database, [set({ updateRevision: 'b' })]).complete, false)
  })

  test('has the pods of the newest revision, by number and not by text', () => {
    const items = [
      replicaSet('app-9', 9),
      replicaSet('app-10', 10),
      pod({}, 'app-9'),
      pod({}, 'app-10'),
    ]
    assert.deepEqual(newestPods(app, items), [items[3]])
  })

  test('is named as kubectl names it', () => {
    assert.deepEqual(workloadOf('statefulset/mongodb'), database)
    assert.equal(workloadOf('pod/x'), undefined)
    assert.equal(workloadOf('deployment'), undefined)
  })
})
