// What people break in a cluster, one thing at a time, and what up and status make of it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { imageName, imageTag } from '../../../deploy/image/images.ts'
import { type Case, there } from './cases.ts'
import { answerOf, cluster } from './recorded-cluster.ts'
import type { World } from './world.ts'

const broke = (changes: Parameters<typeof cluster>[0]) => (world: World) =>
  world.set('fault-pods', answerOf(cluster(changes)))

/** The pod of the application, and an event about it: its reason and its message. */
const brokenPod =
  (pod: object, [reason, message]: readonly string[] = []) =>
  (world: World) => {
    const items = cluster({
      'Deployment/app-deployment': { status: { updatedReplicas: 1, readyReplicas: 1 } },
      'Pod/app-deployment-6f-a': pod,
    })
    const about = { involvedObject: { name: 'app-deployment-6f-a' } }
    const event = {
      kind: 'Event',
      reason,
      message,
      lastTimestamp: '2026-11-24T22:00:00Z',
      ...about,
    }
    world.set('fault-pods', answerOf(reason === undefined ? items : [...items, event]))
  }

const unscheduledBy = (taint: object) => {
  const message = '0/1 nodes are available: 1 node(s) had untolerated taint(s).'
  const status = { conditions: [{ type: 'PodScheduled', status: 'False', message }] }
  return broke({
    'Deployment/app-deployment': { status: { updatedReplicas: 1 } },
    'Node/minikube': { spec: { taints: [taint] } },
    'Pod/app-deployment-6f-a': { status: { ...status, containerStatuses: [] } },
  })
}

const noRoom = { type: 'PodScheduled', status: 'False', message: 'Insufficient memory' }

/** A snapshot whose only pod of the application waits for the reason. */
const snapshot = (status: unknown, events: unknown[] = []) =>
  JSON.stringify({
    items: [
      {
        kind: 'StatefulSet',
        metadata: { name: 'mongodb', generation: 1 },
        spec: { replicas: 1 },
        status: { observedGeneration: 1, readyReplicas: 1, updatedReplicas: 1 },
      },
      {
        kind: 'Deployment',
        metadata: { name: 'app-deployment', generation: 1 },
        spec: { replicas: 2 },
        status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2 },
      },
      {
        kind: 'ReplicaSet',
        metadata: {
          name: 'app-deployment-6f',
          ownerReferences: [{ name: 'app-deployment' }],
          annotations: { 'deployment.kubernetes.io/revision': '1' },
        },
      },
      {
        kind: 'Pod',
        metadata: { name: 'app-deployment-6f-a', ownerReferences: [{ name: 'app-deployment-6f' }] },
        status,
      },
      ...events,
    ],
  })

const container = (more: object) => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [
    { name: 'app', image: 'docker.io/library/data-service:0123456789ab', restartCount: 0, ...more },
  ],
})

/** What a wait in `up` mends, and the call that does it. */
export const mendedCases: readonly (Case & { by: RegExp })[] = [
  {
    name: 'a database pod of an older version that is not ready is deleted',
    words: ['up'],
    facts: there,
    prepare: broke({
      'StatefulSet/mongodb': { status: { updateRevision: 'mongodb-2' } },
      'Pod/mongodb-0': {
        metadata: { labels: { 'controller-revision-hash': 'mongodb-1' } },
        status: { conditions: [{ type: 'Ready', status: 'False' }] },
      },
    }),
    by: /^kubectl delete .* pod mongodb-0 --wait=false$/,
  },
  {
    name: 'an application that somebody has scaled to 0 is scaled up',
    words: ['up'],
    facts: there,
    prepare: broke({ 'Deployment/app-deployment': { spec: { replicas: 0 } } }),
    by: /^kubectl scale .* deployment\/app-deployment --replicas=2$/,
  },
  {
    name: 'pods that began before the password changed are restarted',
    words: ['up'],
    facts: there,
    prepare: (world) => {
      const changed = { metadata: { managedFields: [{ time: '2026-11-24T23:00:00Z' }] } }
      world.set('fault-changed', JSON.stringify({ items: [changed] }))
      broke({
        'Deployment/app-deployment': { status: { readyReplicas: 1, availableReplicas: 1 } },
        'Pod/app-deployment-6f-a': {
          metadata: { creationTimestamp: '2026-11-24T22:00:00Z' },
          status: { conditions: [{ type: 'Ready', status: 'False' }] },
        },
      })(world)
    },
    by: /^kubectl rollout .*restart deployment\/app-deployment$/,
  },
]

/** What nothing mends: the run ends and says why. */
export const clusterCases: readonly Case[] = [
  {
    name: 'a finalizer holds the namespace',
    words: ['up'],
    facts: there,
    prepare: (world) => {
      const metadata = { name: 'mongo', deletionTimestamp: '2026-11-24T22:00:00Z' }
      const message = 'Some content in the namespace has finalizers remaining: mine in 1 resource'
      const conditions = [{ status: 'True', reason: 'SomeFinalizersRemain', message }]
      const held = { kind: 'Namespace', metadata, status: { conditions } }
      world.set('held-namespace', JSON.stringify(held))
    },
    outcome: 'refused',
    says: /finalizers remaining: mine in 1 resource[\s\S]*take the finalizer that it names off its object/,
  },
  {
    name: 'an object is refused',
    words: ['up'],
    facts: ['fault-apply'],
    outcome: 'refused',
    says: /the cluster refused build\/dev-space.yaml/,
  },
  {
    name: 'the node port belongs to another',
    words: ['up'],
    facts: ['fault-port'],
    outcome: 'portTaken',
    says: /node port 30300 belongs to the Service default\/rival[\s\S]*--node-port 30301/,
  },
  {
    name: 'the image is not in the cluster',
    words: ['up'],
    prepare: (world) =>
      world.set(
        'fault-pods',
        snapshot(
          container({
            state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } },
          }),
        ),
      ),
    outcome: 'imagePull',
    says: /ImagePullBackOff for docker.io\/library\/data-service[\s\S]*Back-off pulling image/,
  },
  {
    name: 'the container ends again and again',
    words: ['up'],
    prepare: (world) => {
      world.set('fault-log', 'PORT must be a number\n')
      world.set(
        'fault-pods',
        snapshot(
          container({
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting' } },
            lastState: { terminated: { exitCode: 2, reason: 'Error' } },
          }),
        ),
      )
    },
    outcome: 'crashLoop',
    says: /back-off 40s restarting[\s\S]*exit code 2: the service found wrong settings[\s\S]*PORT must be/,
  },
  {
    name: 'test without an application',
    words: ['test'],
    facts: ['exists', 'running'],
    outcome: 'notDeployed',
    says: /there is no app-deployment/,
  },
  {
    name: 'status without an application',
    words: ['status'],
    facts: ['exists', 'running'],
    prepare: (world) => world.set('fault-pods', '{"items":[]}'),
    outcome: 'notDeployed',
    prints: /^NOT WELL: .*app-deployment/,
  },
  {
    name: 'test of a port that nobody listens on',
    words: ['test', '--url', 'http://127.0.0.1:1'],
    facts: there,
    outcome: 'noAnswer',
    says: /nothing answered: curl|nothing answered: Invoke-RestMethod/,
  },
  {
    name: 'the cluster cannot be asked what it has',
    words: ['up'],
    facts: [...there, 'fault-objects'],
    outcome: 'unexpected',
    says: /cannot ask the cluster[\s\S]*Unauthorized/,
  },
  {
    name: 'rollback of the only version',
    words: ['rollback'],
    facts: [...there, 'only-version'],
    outcome: 'refused',
    says: /no rollout history found/,
  },
  {
    name: 'status of a Service without pods',
    words: ['status'],
    facts: there,
    prepare: broke({ 'EndpointSlice/app-service-x': { endpoints: [] } }),
    outcome: 'notWell',
    prints: /^NOT WELL: service\/app-service has no ready pod.*\n.*\n {2}remedy: [\s\S]*\nPOD /,
  },
  {
    name: 'status without the autoscaler',
    words: ['status'],
    facts: there,
    prepare: broke({ 'HorizontalPodAutoscaler/app-autoscale': 'gone' }),
    outcome: 'notWell',
    prints: /^NOT WELL: there is no autoscaler[\s\S]*\nautoscaler {3}none\n/,
  },
  {
    name: 'status of a claim that is being removed',
    words: ['status'],
    facts: there,
    prepare: broke({
      'PersistentVolumeClaim/data-mongodb-0': { metadata: { deletionTimestamp: '2026-11-24' } },
    }),
    outcome: 'notWell',
    prints: /^NOT WELL: the claim data-mongodb-0 was deleted[\s\S]*npm run export/,
  },
  {
    name: 'status of a database at 0',
    words: ['status'],
    facts: there,
    prepare: broke({ 'StatefulSet/mongodb': { spec: { replicas: 0 } } }),
    outcome: 'notWell',
    prints: /^NOT WELL: statefulset\/mongodb is scaled to 0[\s\S]*\ndatabase {5}scaled to 0\n/,
  },
  {
    name: 'status that may not ask',
    words: ['status'],
    facts: there,
    prepare: (world) => world.set('fault-ask', 'error: You must be logged in to the server'),
    outcome: 'unexpected',
    says: /kubectl cannot ask the cluster "minikube"\n +it says: +error: You must be logged in/,
  },
  {
    name: 'a rollout is paused',
    words: ['up'],
    facts: there,
    prepare: broke({
      'Deployment/app-deployment': { spec: { paused: true }, status: { updatedReplicas: 0 } },
    }),
    outcome: 'notWell',
    says: /is paused[\s\S]*remedy: +kubectl --context minikube -n mongo rollout resume/,
  },
  {
    name: 'a pod asks for more than the node has',
    words: ['up'],
    facts: there,
    prepare: broke({
      'Deployment/app-deployment': { status: { updatedReplicas: 1 } },
      'Pod/app-deployment-6f-a': {
        spec: { containers: [{ name: 'app', resources: { requests: { cpu: '64' } } }] },
        status: {
          conditions: [{ type: 'PodScheduled', status: 'False', message: 'Insufficient cpu' }],
        },
      },
    }),
    outcome: 'unschedulable',
    says: /app asks for cpu 64, .* node minikube has cpu 2[\s\S]*--cpus 4/,
  },
  {
    name: 'a limit below its request is refused',
    words: ['up'],
    prepare: (world) =>
      world.set(
        'fault-app',
        'The Deployment "app-deployment" is invalid: spec.template.spec.containers[0].resources.requests: Invalid value: "128Mi": must be less than or equal to memory limit of 100Mi',
      ),
    outcome: 'refused',
    says: /refused build\/app\.yaml because of spec\.template\S+requests\n.*less than or equal/,
  },
  {
    name: 'the API server goes away while objects are applied',
    words: ['up'],
    prepare: (world) =>
      world.set(
        'fault-apply',
        'The connection to the server 192.168.49.2:8443 was refused - did you specify the right host or port?\n',
      ),
    outcome: 'unexpected',
    says: /kubectl cannot ask the cluster "minikube"\n +it says: +The connection to the server/,
  },
  {
    name: 'build/ has another password than the cluster',
    words: ['up'],
    facts: [...there, 'secret'],
    prepare: ({ folder }) => {
      mkdirSync(join(folder, 'build'))
      const password = Buffer.from('another').toString('base64')
      writeFileSync(
        join(folder, 'build/mongo-secret.yaml'),
        `kind: Secret\nmetadata: { name: mongo-secret }\ndata: { username: eA==, password: ${password} }\n`,
      )
    },
    outcome: 'manifests',
    says: /holds another password than the Secret mongo-secret .*nothing is changed/,
  },
  {
    name: 'documents of which nobody has the password',
    words: ['up'],
    facts: ['exists', 'running', 'documents'],
    outcome: 'wrongPassword',
    says: /\/data\/mongodb of "minikube" has documents, and neither[\s\S]*deletes the documents/,
  },
  {
    name: 'a token of which nothing says any longer what needs it',
    words: ['up'],
    facts: ['exists', 'running'],
    prepare: (world) => {
      const secret = { kind: 'Secret', metadata: { name: 'api-token' } }
      world.set('objects', JSON.stringify({ kind: 'List', items: [secret] }))
    },
    outcome: 'manifests',
    says: /up --api-token writes, or all; none opens the service to everybody/,
  },
  {
    name: 'up would bring the version that was rolled back',
    words: ['up'],
    facts: there,
    prepare: (world) => {
      const image = `${imageName}:${imageTag(world.folder)}`
      world.set('image', image)
      const annotations = { 'data-service/rolled-back': image }
      const deployment = { kind: 'Deployment', metadata: { name: 'app-deployment', annotations } }
      world.set('objects', JSON.stringify({ kind: 'List', items: [deployment] }))
    },
    outcome: 'declined',
    says: /was rolled back in the cluster "minikube": nothing is changed[\s\S]*up --yes/,
    unchanged: true,
  },
  {
    name: 'the database refuses the password',
    words: ['up'],
    facts: there,
    prepare: (world) => {
      world.set('fault-log', '{"err":{"message":"Authentication failed."}}\n')
      broke({
        'Deployment/app-deployment': { status: { readyReplicas: 1, availableReplicas: 1 } },
        'Pod/app-deployment-6f-a': { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      })(world)
    },
    outcome: 'wrongPassword',
    says: /refuses its password\n.*Authentication failed\.[\s\S]*first save the documents/,
  },
  {
    name: 'a taint keeps the pods away',
    words: ['up'],
    facts: there,
    prepare: unscheduledBy({ key: 'only', value: 'gpu', effect: 'NoSchedule' }),
    outcome: 'unschedulable',
    says: /has the taint only=gpu:NoSchedule[\s\S]*taint nodes minikube only:NoSchedule-/,
  },
  {
    name: 'the disk of the node is full',
    words: ['up'],
    facts: there,
    prepare: unscheduledBy({ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }),
    outcome: 'unschedulable',
    says: /disk-pressure:NoSchedule[\s\S]*remedy: +make room on the disk of docker(?!.*uncordon)/,
  },
  {
    name: 'a probe asks for a path that is not there',
    words: ['up'],
    facts: there,
    prepare: brokenPod(
      {
        spec: { containers: [{ name: 'app', startupProbe: { httpGet: { path: '/nowhere' } } }] },
        status: { conditions: [{ type: 'Ready', status: 'False' }] },
      },
      ['Unhealthy', 'Startup probe failed: HTTP probe failed with statuscode: 404'],
    ),
    outcome: 'notWell',
    says: /the startupProbe of pod app-deployment-6f-a asks for \/nowhere and gets 404/,
  },
  {
    name: 'nobody has made the Secret of the token',
    words: ['up'],
    facts: there,
    prepare: brokenPod(
      {
        status: {
          conditions: [{ type: 'Ready', status: 'False' }],
          containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ContainerCreating' } } }],
        },
      },
      ['FailedMount', 'MountVolume.SetUp failed for volume "x" : secret "api-token" not found'],
    ),
    outcome: 'container',
    says: /secret "api-token" not found[\s\S]*create secret generic api-token --from-literal=token=/,
  },
  {
    name: 'the memory limit is below what Node needs',
    words: ['up'],
    facts: there,
    prepare: brokenPod({
      spec: { containers: [{ name: 'app', resources: { limits: { memory: '20Mi' } } }] },
      status: {
        conditions: [{ type: 'Ready', status: 'False' }],
        containerStatuses: [
          {
            name: 'app',
            restartCount: 4,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 139, reason: 'Error' } },
          },
        ],
      },
    }),
    outcome: 'crashLoop',
    says: /exit code 139: (?!.*MongoDB).*20Mi of memory are too few/,
  },
  {
    name: 'an earlier Deployment has another selector',
    words: ['up'],
    prepare: (world) =>
      world.set(
        'fault-app',
        'The Deployment "app-deployment" is invalid: spec.selector: Invalid value: {}: field is immutable',
      ),
    outcome: 'refused',
    says: /because of spec\.selector\n[\s\S]*delete deployment\/app-deployment, then .*documents stay/,
  },
  {
    name: 'an annotation that is not text is refused',
    words: ['up'],
    prepare: (world) =>
      world.set(
        'fault-app',
        'error: unable to decode "build/app.yaml": json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.annotations of type string',
      ),
    outcome: 'refused',
    says: /because of ObjectMeta\.metadata\.annotations\n.*cannot unmarshal bool/,
  },
  {
    name: 'status of a first start whose database waits',
    words: ['status'],
    facts: there,
    prepare: broke({
      'Deployment/app-deployment': 'gone',
      'Pod/app-deployment-6f-a': 'gone',
      'StatefulSet/mongodb': { status: { readyReplicas: 0 } },
      'Pod/mongodb-0': { status: { phase: 'Pending', conditions: [noRoom] } },
    }),
    outcome: 'notWell',
    prints: /^NOT WELL: no node takes pod mongodb-0[\s\S]*\napplication {2}not there yet\n/,
  },
]
