// What people break by hand, one thing at a time, and the words that up and status have for it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listAt } from '../../deploy/cluster/kubectl.ts'
import { commandsFor } from '../../deploy/cluster/report.ts'
import { troubleOf } from '../../deploy/cluster/trouble.ts'
import { cluster, namesCluster } from '../support/deploy/recorded-cluster.ts'

const app = { kind: 'Deployment', name: 'app-deployment' } as const
const commands = commandsFor('data')
const pod = 'Pod/app-deployment-6f-a'

const container = {
  name: 'app',
  resources: { requests: { cpu: '64', memory: '128Mi' }, limits: { memory: '20Mi' } },
  startupProbe: { httpGet: { path: '/nowhere' } },
  readinessProbe: { httpGet: { path: '/readyz' } },
}
const event = (reason: string, message: string) => ({
  kind: 'Event',
  reason,
  message,
  involvedObject: { name: 'app-deployment-6f-a' },
  lastTimestamp: '2026-11-24T22:00:00Z',
})
const unscheduled = (message: string) => ({
  spec: { containers: [container] },
  status: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', message }],
    containerStatuses: [],
  },
})
const starting = (state: object, more: object = {}) => ({
  spec: { containers: [container] },
  status: {
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'app', image: 'data-service:1', restartCount: 0, state, ...more }],
  },
})
const ended = (exitCode: number, reason = 'Error') =>
  starting(
    { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
    { restartCount: 4, lastState: { terminated: { exitCode, reason } } },
  )
const tainted = (key: string, effect: string, value?: string) => ({
  'Node/minikube': { spec: { taints: [{ key, effect, ...(value ? { value } : {}) }] } },
  [pod]: unscheduled('0/1 nodes are available: 1 node(s) had untolerated taint(s).'),
})
const creating = { waiting: { reason: 'ContainerCreating' } }

interface Broken {
  name: string
  changes: Parameters<typeof cluster>[0]
  events?: object[]
  outcome: string
  what: RegExp
  remedy: RegExp
}

const rows: readonly Broken[] = [
  {
    name: 'a request that no node can meet',
    changes: { [pod]: unscheduled('0/1 nodes are available: 1 Insufficient cpu.') },
    outcome: 'unschedulable',
    what: /app asks for cpu 64, memory 128Mi; node minikube has cpu 2, memory 3911332Ki for all/,
    remedy: /^ask for less .*which keeps its documents: .* --cpus 4 --memory 6g --profile data-2$/,
  },
  {
    name: 'a taint of one’s own',
    changes: tainted('only', 'NoSchedule', 'gpu'),
    outcome: 'unschedulable',
    what: /node minikube has the taint only=gpu:NoSchedule$/,
    remedy: /taint nodes minikube only:NoSchedule-$/,
  },
  {
    name: 'a taint that also drives pods away',
    changes: tainted('gone', 'NoExecute'),
    outcome: 'unschedulable',
    what: /the taint gone:NoExecute$/,
    remedy: /taint nodes minikube gone:NoExecute-$/,
  },
  {
    name: 'a node that is cordoned',
    changes: tainted('node.kubernetes.io/unschedulable', 'NoSchedule'),
    outcome: 'unschedulable',
    what: /unschedulable:NoSchedule$/,
    remedy: /^kubectl \S+ data -n mongo uncordon minikube$/,
  },
  {
    name: 'a node whose disk is full',
    changes: tainted('node.kubernetes.io/disk-pressure', 'NoSchedule'),
    outcome: 'unschedulable',
    what: /disk-pressure:NoSchedule$/,
    remedy: /^make room on the disk of docker(?!.*uncordon)/,
  },
  {
    name: 'a node that is not ready',
    changes: tainted('node.kubernetes.io/not-ready', 'NoExecute'),
    outcome: 'unschedulable',
    what: /not-ready:NoExecute$/,
    remedy: /describe node minikube says why(?!.*taint nodes)/,
  },
  {
    name: 'a volume that nobody binds',
    changes: { [pod]: unscheduled('pod has unbound immediate PersistentVolumeClaims') },
    outcome: 'unschedulable',
    what: /its volume is not bound$/,
    remedy: /pv\/mongo-volume .*the documents stay.*npm run export/,
  },
  ...[
    '1 node(s) had volume node affinity conflict',
    "1 node(s) didn't match PersistentVolume's node affinity",
  ].map(
    (words): Broken => ({
      name: `documents that are on another node: ${words}`,
      changes: { [pod]: unscheduled(`0/1 nodes are available: ${words}.`) },
      outcome: 'unschedulable',
      what: /it can be only on the node that has its documents$/,
      remedy: /get persistentvolume mongo-volume .*minikube -p data node start NODE$/,
    }),
  ),
  {
    name: 'documents on another node, whose taint is what keeps the pod away',
    changes: {
      ...tainted('only', 'NoSchedule'),
      [pod]: unscheduled(
        "0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) had untolerated taint(s).",
      ),
    },
    outcome: 'unschedulable',
    what: /node minikube has the taint only:NoSchedule$/,
    remedy: /taint nodes minikube only:NoSchedule-$/,
  },
  {
    name: 'a memory limit that is too small for Node',
    changes: { [pod]: ended(139) },
    outcome: 'crashLoop',
    what: /container app ended 5 times/,
    remedy: /logs app-deployment-6f-a -c app --previous$/,
  },
  {
    name: 'a memory limit that the kernel enforces',
    changes: { [pod]: ended(137, 'OOMKilled') },
    outcome: 'crashLoop',
    what: /container app ended 5 times/,
    remedy: /^raise its memory limit in manifests\/, then .*up --profile data; all of them: /,
  },
  {
    name: 'a probe that asks for a path which is not there',
    changes: { [pod]: starting({ running: {} }) },
    events: [
      event('Unhealthy', 'Startup probe failed: HTTP probe failed with statuscode: 404'),
      event('Unhealthy', 'Readiness probe failed: dial tcp: connect: connection refused'),
    ],
    outcome: 'notWell',
    what: /the startupProbe of pod app-deployment-6f-a asks for \/nowhere and gets 404$/,
    remedy: /^mend the path in manifests\/application-container\.ts, then /,
  },
  {
    name: 'the Secret of the token, which nobody made',
    changes: { [pod]: starting(creating) },
    events: [
      event(
        'FailedMount',
        'MountVolume.SetUp failed for volume "credentials" : secret "api-token" not found',
      ),
    ],
    outcome: 'container',
    what: /cannot get its volumes or its network: FailedMount$/,
    remedy: /create secret generic api-token --from-literal=token="\$\(openssl rand -hex 32\)"$/,
  },
  {
    name: 'a Secret of ours that somebody deleted',
    changes: { [pod]: starting(creating) },
    events: [event('FailedMount', 'MountVolume.SetUp failed: secret "mongo-secret" not found')],
    outcome: 'container',
    what: /FailedMount$/,
    remedy: /up --profile data applies them again$/,
  },
  {
    name: 'a rollout that is paused',
    changes: { 'Deployment/app-deployment': { spec: { paused: true } } },
    outcome: 'notWell',
    what: /is paused: no change reaches its pods$/,
    remedy: /rollout resume deployment\/app-deployment$/,
  },
  {
    name: 'an image of a database that no registry has',
    changes: {
      [pod]: starting(
        { waiting: { reason: 'ErrImagePull', message: 'manifest unknown: mongo:9.9 not found' } },
        { image: 'mongo:9.9' },
      ),
    },
    outcome: 'imagePull',
    what: /ErrImagePull for mongo:9\.9$/,
    remedy: /^no registry has mongo:9\.9: mend its name/,
  },
]

describe('broken by hand:', () => {
  for (const { name, changes, events = [], outcome, what, remedy } of rows) {
    test(name, () => {
      const trouble = troubleOf(app, [...cluster(changes), ...events], commands)
      assert.equal(trouble?.outcome, outcome)
      assert.match(trouble?.what ?? '', what)
      assert.match(trouble?.remedy ?? '', remedy)
      namesCluster(trouble?.remedy ?? '', 'data')
    })
  }

  test('a probe that gets 503 is an application that waits for its database', () => {
    const items = cluster({ [pod]: starting({ running: {} }) })
    const words = 'Readiness probe failed: HTTP probe failed with statuscode: 503'
    assert.equal(troubleOf(app, [...items, event('Unhealthy', words)], commands), undefined)
  })

  test('a probe that failed once and then succeeded is not a fault', () => {
    const words = 'Startup probe failed: HTTP probe failed with statuscode: 404'
    assert.equal(troubleOf(app, [...cluster({}), event('Unhealthy', words)], commands), undefined)
  })
})

test('a code of a crash is read for the container that it belongs to', () => {
  const meaning = (code: number, reason?: string) =>
    troubleOf(app, cluster({ [pod]: ended(code, reason) }), commands)?.meaning ?? ''
  assert.match(meaning(139), /139: segmentation fault; Node ends like this if 20Mi of memory/)
  assert.match(meaning(132), /132: illegal instruction: .* built for another processor; .*20Mi/)
  assert.match(meaning(137, 'OOMKilled'), /it used more memory than its limit of 20Mi$/)
  assert.match(meaning(2), /wrong settings(?!.*20Mi)/)
  const set = { kind: 'StatefulSet', name: 'mongodb' } as const
  const [status] = listAt(ended(139), 'status', 'containerStatuses')
  const items = cluster({
    'Pod/mongodb-0': { status: { containerStatuses: [{ ...Object(status), name: 'mongodb' }] } },
  })
  assert.match(troubleOf(set, items, commands)?.meaning ?? '', /GLIBC_TUNABLES/)
})
