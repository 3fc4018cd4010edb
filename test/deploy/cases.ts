// What the scripts are run through on recorded tools: every word, and every way a start can break.
import { exitCodes, type Outcome } from '../../deploy/exit-codes.ts'
import { answerOf, cluster } from './recorded-cluster.ts'
import type { World } from './world.ts'

export interface Case {
  name: string
  words: readonly string[]
  facts?: readonly string[]
  prepare?: (world: World) => void
  env?: NodeJS.ProcessEnv
  outcome?: Outcome
  /** What the last words on the screen must name. */
  says?: RegExp
  /** The run may have asked, and done nothing. */
  unchanged?: true
  /** What standard output must begin with; nothing, if it is left out. */
  prints?: RegExp
}

const broke = (changes: Parameters<typeof cluster>[0]) => (world: World) =>
  world.set('fault-pods', answerOf(cluster(changes)))

const there = ['exists', 'running', 'metrics', 'deployed']

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

/** An answer of `minikube status`, with the exit code that goes with it. */
const minikubeSays = (code: number, ...nodes: object[]) =>
  `${code}\n${JSON.stringify(nodes.length === 1 ? nodes[0] : nodes)}`
const node = { Host: 'Running', Kubelet: 'Running', APIServer: 'Running', Kubeconfig: 'Configured' }

/** An answer of `minikube profile list` for a profile that was made otherwise. */
const profileWith = (driver: string, version: string) =>
  JSON.stringify({
    invalid: [],
    valid: [
      {
        Name: 'minikube',
        Config: { Driver: driver, KubernetesConfig: { KubernetesVersion: version } },
      },
    ],
  })

const container = (more: object) => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [
    { name: 'app', image: 'docker.io/library/data-service:0123456789ab', restartCount: 0, ...more },
  ],
})

export const words: readonly Case[] = [
  { name: 'up, by no word, on a machine without a cluster', words: [] },
  { name: 'up with a cluster that is stopped', words: ['up'], facts: ['exists'] },
  { name: 'up with a cluster that is half started', words: ['up'], facts: ['exists', 'half'] },
  { name: 'up on an empty cluster that runs', words: ['up'], facts: ['exists', 'running'] },
  {
    name: 'up in a fresh checkout beside a cluster with a password',
    words: ['up'],
    facts: [...there, 'secret'],
  },
  {
    name: 'up with every option',
    words: ['up', '--node-port', '30301', '--replicas=3', '--cpu', '50', '--scale-down-window=15'],
    facts: there,
  },
  {
    name: 'up with a database that others run',
    words: ['up', '--database', 'external', '--database-cidr=10.1.0.0/16'],
    facts: ['exists', 'running', 'metrics', 'documents'],
  },
  { name: 'status', words: ['status'], facts: there },
  { name: 'test', words: ['test'], facts: there },
  {
    name: 'up while the namespace is being removed',
    words: ['up'],
    facts: there,
    prepare: (world) =>
      world.set(
        'fault-namespace',
        '{"kind":"Namespace","metadata":{"name":"mongo","deletionTimestamp":"2026-11-24"}}',
      ),
  },
  {
    name: 'test of a service that asks for a token',
    words: ['test'],
    facts: [...there, 'token'],
  },
  {
    name: 'up on a new cluster, with what it is to get',
    words: [
      'up',
      '--memory=4g',
      '--cpus',
      '4',
      '--driver',
      'docker',
      '--kubernetes-version=v1.34.0',
    ],
  },
  {
    name: 'up with the options of a cluster that is stopped',
    words: ['up', '--api-token', 'none', '--storage=1Gi', '--kubernetes-version', 'v1.34.0'],
    facts: ['exists'],
  },
  { name: 'load', words: ['load', '--minutes', '1', '--clients', '4'], facts: there },
  { name: 'open', words: ['open'], facts: there },
  { name: 'logs', words: ['logs'], facts: there },
  { name: 'restart', words: ['restart'], facts: there },
  { name: 'rollback', words: ['rollback'], facts: there },
  { name: 'push', words: ['push', 'localhost:5000/me/service'], facts: there },
  { name: 'push with a tag', words: ['push', 'localhost:5000/me/service:v1'], facts: there },
  {
    name: 'push for two kinds of processors',
    words: ['push', 'localhost:5000/me/service', '--platform', 'linux/amd64,linux/arm64'],
    facts: there,
  },
  { name: 'down', words: ['down', '--yes'], facts: there },
  { name: 'down with the data', words: ['down', '--data', '--yes'], facts: there },
  { name: 'down with the cluster', words: ['down', '--cluster', '--yes'], facts: there },
  { name: 'down where nothing is', words: ['down'] },
]

export const broken: readonly Case[] = [
  {
    name: 'docker is podman',
    words: ['up'],
    facts: ['podman'],
    outcome: 'toolMissing',
    says: /docker is podman 5\.4\.2 under docker's name/,
    unchanged: true,
  },
  {
    name: "docker is the one inside minikube's node",
    words: ['up'],
    facts: there,
    env: { MINIKUBE_ACTIVE_DOCKERD: 'minikube', DOCKER_HOST: 'tcp://192.168.49.2:2376' },
    outcome: 'dockerDown',
    says: /remedy: +\S*.*minikube -p minikube docker-env -u/,
    unchanged: true,
  },
  {
    name: 'docker has no such context',
    words: ['up'],
    prepare: (world) =>
      world.set('fault-docker-down', 'Failed to initialize: context "x": context not found'),
    outcome: 'dockerDown',
    says: /context not found[\s\S]*docker context use default/,
    unchanged: true,
  },
  {
    name: 'the engine of another computer is down',
    words: ['up'],
    facts: ['fault-docker-down'],
    prepare: (world) => world.set('docker-host', 'ssh://me@server'),
    outcome: 'dockerDown',
    says: /remedy: +docker asks ssh:\/\/me@server/,
    unchanged: true,
  },
  ...['up', 'down', 'status'].map(
    (word): Case => ({
      name: `${word} while KUBECONFIG is another cluster's file`,
      words: [word],
      facts: there,
      prepare: (world) =>
        world.set('fault-status', minikubeSays(4, { ...node, Kubeconfig: 'Misconfigured' })),
      env: { KUBECONFIG: '/home/me/work.yaml' },
      outcome: 'foreign',
      says: /KUBECONFIG names \/home\/me\/work\.yaml[\s\S]*-p minikube update-context \(.*current context/,
      unchanged: true,
    }),
  ),
  {
    name: 'minikube status fails',
    words: ['up'],
    facts: there,
    prepare: (world) =>
      world.set(
        'fault-status',
        '37\n{"type":"io.k8s.sigs.minikube.error","data":{"exitcode":"37","message":"no permission for profiles"}}\n',
      ),
    outcome: 'notStarted',
    says: /minikube's status \(exit code 37\)[\s\S]*no permission for profiles/,
    unchanged: true,
  },
  {
    name: 'the API server of a running node has an error',
    words: ['up'],
    facts: there,
    prepare: (world) =>
      world.set('fault-status', minikubeSays(2, { ...node, Name: 'minikube', APIServer: 'Error' })),
    outcome: 'notStarted',
    says: /minikube: host Running, kubelet Running, API server Error/,
    unchanged: true,
  },
  {
    name: 'the API server is slow: minikube says Stopped, and it answers kubectl',
    words: ['up'],
    facts: [...there, 'half', 'slow'],
    outcome: 'notStarted',
    says: /minikube: host Running, kubelet Running, API server Stopped/,
    unchanged: true,
  },
  ...['up', 'status'].map(
    (word): Case => ({
      name: `${word} while the API server refuses the account`,
      words: [word],
      facts: there,
      prepare: (world) =>
        world.set('fault-kubectl', 'error: You must be logged in to the server (Unauthorized)\n'),
      outcome: 'foreign',
      says: /\(Unauthorized\)[\s\S]*remedy: +minikube -p minikube start \(.*current context/,
      unchanged: true,
    }),
  ),
  {
    name: 'a proxy stands before the API server',
    words: ['up'],
    facts: there,
    prepare: (world) => world.set('fault-kubectl', 'Unable to connect to the server: Forbidden\n'),
    env: { HTTPS_PROXY: 'http://me:secret@proxy:3128' },
    outcome: 'notStarted',
    says: /server: Forbidden[\s\S]*NO_PROXY.*192\.168\.58\.2,192\.168\.49\.0\/24,10\.96\.0\.0\/12[\s\S]*HTTPS_PROXY is set/,
    unchanged: true,
  },
  {
    name: 'CoreDNS is scaled to 0',
    words: ['up'],
    facts: there,
    prepare: (world) => world.set('fault-dns', '{"spec":{"replicas":0},"status":{}}'),
    outcome: 'notStarted',
    says: /kubectl --context minikube scale deployment coredns -n kube-system --replicas=1/,
    unchanged: true,
  },
  {
    name: 'the profile was made with another driver',
    words: ['up', '--driver', 'docker'],
    facts: ['exists'],
    prepare: (world) => world.set('profiles', profileWith('virtualbox', 'v1.34.0')),
    outcome: 'notStarted',
    says: /the driver virtualbox[\s\S]*up --profile minikube-docker/,
    unchanged: true,
  },
  {
    name: 'the profile has an old Kubernetes',
    words: ['up'],
    facts: there,
    prepare: (world) => world.set('profiles', profileWith('docker', 'v1.28.3')),
    outcome: 'toolMissing',
    says: /Kubernetes 1\.28\.3 is too old[\s\S]*1\.30 or newer[\s\S]*minikube -p minikube start --kubernetes-version=stable/,
    unchanged: true,
  },
  {
    name: 'a tool is missing',
    words: ['up'],
    prepare: (world) => world.remove('minikube'),
    outcome: 'toolMissing',
    says: /minikube is missing[\s\S]*remedy: +\S/,
  },
  {
    name: 'the docker daemon is down',
    words: ['up'],
    facts: ['fault-docker-down'],
    outcome: 'dockerDown',
    says: /docker daemon does not answer[\s\S]*Cannot connect/,
  },
  {
    name: 'the profile is the name of a real cluster',
    words: ['up', '--profile', 'production'],
    outcome: 'foreign',
    says: /kubectl has a context "production", and minikube has no profile/,
  },
  {
    name: 'minikube does not start',
    words: ['up'],
    facts: ['fault-start'],
    outcome: 'notStarted',
    says: /out of disk space[\s\S]*minikube did not start/,
  },
  {
    name: 'the image build fails',
    words: ['up'],
    facts: ['fault-build'],
    outcome: 'build',
    says: /npm run build[\s\S]*docker build failed/,
  },
  {
    name: 'image load ends with 0 and loads nothing',
    words: ['up'],
    facts: ['fault-load'],
    outcome: 'notLoaded',
    says: /the cluster does not have data-service:/,
  },
  {
    name: 'minikube does not say which images there are',
    words: ['up'],
    facts: ['exists', 'running', 'fault-images'],
    outcome: 'notLoaded',
    says: /does not say whether[\s\S]*handshake failed[\s\S]*minikube -p minikube image ls/,
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
    name: 'the registry refuses the image',
    words: ['push', 'localhost:5000/me/service'],
    facts: there,
    prepare: (world) => world.set('fault-push', 'dial tcp 127.0.0.1:5000: connection refused\n'),
    outcome: 'push',
    says: /connection refused[\s\S]*could not be pushed/,
  },
  {
    name: 'nobody is logged in to the registry',
    words: ['push', 'registry.example.com/me/service'],
    facts: ['fault-push'],
    outcome: 'notLoggedIn',
    says: /remedy: +docker login registry.example.com/,
  },
  {
    name: 'a push for two kinds of processors with a builder for one',
    words: ['push', 'localhost:5000/me/service', '--platform=linux/amd64,linux/arm64'],
    facts: there,
    prepare: (world) =>
      world.set(
        'fault-push',
        'ERROR: failed to build: Multi-platform build is not supported for the docker driver.\n',
      ),
    outcome: 'build',
    says: /one processor at a time[\s\S]*remedy: +docker buildx create --name several/,
  },
  { name: 'an unknown word', words: ['deploy'], outcome: 'usage', says: /unknown word deploy/ },
  { name: 'an unknown option', words: ['up', '--fast=1'], outcome: 'usage', says: /--fast/ },
  { name: 'an option without its value', words: ['up', '--cpu'], outcome: 'usage', says: /--cpu/ },
  {
    name: 'an option with a wrong value',
    words: ['up', '--replicas', '9'],
    outcome: 'usage',
    says: /--replicas 9: expects a whole number from 2 to 5/,
  },
  ...['down', 'down --data', 'down --cluster'].map((line) => ({
    name: `${line} without a terminal and without --yes`,
    words: line.split(' '),
    facts: there,
    outcome: 'declined' as const,
    says: /nothing was removed: there is no terminal to ask in; --yes confirms/,
  })),
  ...(
    [
      ['up --fast', /unknown option --fast/],
      ['-w', /unknown option -w/],
      ['down -y', /unknown option -y/],
      ['down -da', /unknown option -da/],
      ['up --dry', /unknown option --dry/],
      ['up -Dry', /unknown option -Dry/],
      ['up --DRY-RUN', /unknown option --DRY-RUN/],
      ['up ---dry-run', /unknown option ---dry-run/],
      ['up -Verbose', /unknown option -Verbose/],
      ['up --', /unknown option --/],
      ['status --yes', /--yes belongs to down and up, status does not know it/],
      ['status --data', /--data belongs to down/],
      ['logs --minutes 3', /--minutes belongs to load/],
      ['load --minutes abc', /--minutes abc: expects a number from 0.1 to 60/],
      ['load --clients 0', /--clients 0: expects a whole number/],
      ['load --clients abc', /--clients abc: expects a whole number/],
      ['up --api-token some', /--api-token some: expects none, writes or all/],
      ['up --storage 5', /--storage 5: expects a size/],
      ['up --memory much', /--memory much: expects a size/],
      ['test --url ftp://x', /--url ftp:\/\/x: expects http/],
      ['up --dry-run=1', /--dry-run takes no value/],
      ['push a/b --platform arm64', /--platform arm64: expects a list such as linux\/amd64,/],
      ['up --platform linux/arm64', /--platform belongs to push, up does not know it/],
    ] as const
  ).map(([line, says]) => ({
    name: line,
    words: line.split(' '),
    facts: there,
    outcome: 'usage' as const,
    says,
  })),
  {
    name: 'a profile with a space',
    words: ['up', '--profile', 'a b'],
    outcome: 'usage',
    says: /--profile a b: expects two or more letters/,
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
  { name: 'push without a name', words: ['push'], outcome: 'usage', says: /push needs a name/ },
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
    name: 'status of a claim that goes',
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
    name: 'the API server goes while objects are applied',
    words: ['up'],
    prepare: (world) =>
      world.set(
        'fault-apply',
        'The connection to the server 192.168.49.2:8443 was refused - did you specify the right host or port?\n',
      ),
    outcome: 'unexpected',
    says: /kubectl cannot ask the cluster "minikube"\n +it says: +The connection to the server/,
  },
]

/** The exit code that the case must end with. */
export const codeOf = ({ outcome }: Case): number => exitCodes[outcome ?? 'done'].code
