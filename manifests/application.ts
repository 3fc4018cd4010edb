// app.yaml: the data service itself, and the way in.
import { createHash } from 'node:crypto'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type {
  Affinity,
  ConfigMap,
  Container,
  Service,
  TopologySpreadConstraint,
  Volume,
} from 'kubernetes-types/core/v1.js'
import { standing } from './analysers.ts'
import { heapOption } from './heap.ts'
import * as names from './names.ts'
import { certificateAuthority, connectionSecret } from './operator.ts'
import type { Settings } from './options.ts'
import { containerSecurity, podSecurity, secretFileMode } from './pod-security.ts'

const { deployment, service, port, user, selector } = names.application
const labels = names.labels(selector, deployment, 'application')

// Seconds. A pod that goes has three things to do, one after the other, and the kubelet counts them all.
const leave = 5 // until every node's proxy has stopped sending it new connections
const drainDelay = 5 // until clients with open connections have read `Connection: close`
const drainDeadline = 20 // until what is in flight has been answered
const spare = 5

const memoryLimit = '512Mi'

/** The files that hold the way to the database; environment variables would show in the pod. */
const credentials = {
  minikube: {
    env: { name: 'USER_PWD_FILE', value: '/run/credentials/password' },
    sources: [{ secret: { name: names.secret, items: [{ key: 'password', path: 'password' }] } }],
  },
  cloud: {
    env: { name: 'MONGODB_URI_FILE', value: '/run/credentials/uri' },
    // Until the operator has written its secret the pod waits, and its events say for what.
    sources: [
      {
        secret: {
          name: connectionSecret,
          items: [{ key: 'connectionString.standardSrv', path: 'uri' }],
        },
      },
      { configMap: { name: certificateAuthority, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    ],
  },
}

const container = ({ profile, image }: Settings) =>
  ({
    name: 'app',
    image,
    // minikube's node was given the image; a cloud's node asks whether the tag still means the same.
    imagePullPolicy: profile === 'minikube' ? 'IfNotPresent' : 'Always',
    envFrom: [{ configMapRef: { name: names.config } }],
    env: [
      credentials[profile].env,
      { name: 'PORT', value: `${port}` },
      { name: 'NODE_OPTIONS', value: heapOption(memoryLimit) },
      { name: 'DRAIN_DELAY', value: `${drainDelay}s` },
      { name: 'DRAIN_DEADLINE', value: `${drainDeadline}s` },
    ],
    ports: [{ name: 'http', containerPort: port }],
    resources: {
      requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
      limits: { cpu: '1', memory: memoryLimit, 'ephemeral-storage': '256Mi' },
    },
    securityContext: containerSecurity,
    startupProbe: {
      httpGet: { path: '/livez', port: 'http' },
      periodSeconds: 1,
      failureThreshold: 60,
    },
    // Asks nothing of the database: restarting the application mends no database.
    livenessProbe: {
      httpGet: { path: '/livez', port: 'http' },
      periodSeconds: 10,
      timeoutSeconds: 5,
    },
    readinessProbe: {
      httpGet: { path: '/readyz', port: 'http' },
      periodSeconds: 5,
      timeoutSeconds: 3,
    },
    lifecycle: { preStop: { sleep: { seconds: leave } } },
    volumeMounts: [{ name: 'credentials', mountPath: '/run/credentials', readOnly: true }],
  }) satisfies Container

/** Asks for other nodes and does not insist: on one node, and in a rollout, pods must share. */
const apart = {
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          labelSelector: { matchLabels: selector },
          topologyKey: 'kubernetes.io/hostname',
        },
      },
    ],
  },
} satisfies Affinity

const spread = (topologyKey: string, insist: boolean): TopologySpreadConstraint => ({
  topologyKey,
  maxSkew: 1,
  whenUnsatisfiable: insist ? 'DoNotSchedule' : 'ScheduleAnyway',
  labelSelector: { matchLabels: selector },
  // Counts the pods of one version, or the old ones would have a say in where the new ones go.
  matchLabelKeys: ['pod-template-hash'],
  nodeTaintsPolicy: 'Honor',
})

export function deploymentOf(settings: Settings, config: ConfigMap) {
  const { profile } = settings
  const cloud = profile === 'cloud'
  const volumes: Volume[] = [
    {
      name: 'credentials',
      projected: { defaultMode: secretFileMode, sources: credentials[profile].sources },
    },
  ]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: deployment,
      namespace: names.applicationNamespace[profile],
      labels,
      annotations: standing(
        'autoscaled',
        'noRank',
        ...(cloud ? [] : (['loadedImage'] as const)),
        ...(settings.image.includes('@') ? [] : (['tag'] as const)),
      ),
    },
    spec: {
      // No replicas: the autoscaler's number would be overwritten at every apply.
      selector: { matchLabels: selector },
      // One more while it rolls, never one less.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      minReadySeconds: 3,
      revisionHistoryLimit: 5,
      // In a cloud the first pods wait for the operator to build a replica set, which takes minutes.
      progressDeadlineSeconds: cloud ? 900 : 120,
      template: {
        // A changed ConfigMap restarts nothing by itself; a changed annotation does.
        metadata: { labels, annotations: { 'data-service/config': checksum(config.data ?? {}) } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: podSecurity(user),
          terminationGracePeriodSeconds: leave + drainDelay + drainDeadline + spare,
          affinity: apart,
          topologySpreadConstraints: cloud
            ? [spread('kubernetes.io/hostname', true), spread('topology.kubernetes.io/zone', false)]
            : [spread('kubernetes.io/hostname', false)],
          containers: [container(settings)],
          volumes,
        },
      },
    },
  } satisfies Deployment
}

const checksum = (data: Record<string, string>) =>
  createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 16)

/** minikube: the same port on each node. Cloud: the provider's load balancer. */
export function serviceOf({ profile, nodePort }: Settings) {
  const cloud = profile === 'cloud'
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: service,
      namespace: names.applicationNamespace[profile],
      labels: names.labels(selector, service, 'application'),
      annotations: standing(cloud ? 'loadBalancer' : 'nodePort'),
    },
    spec: {
      type: cloud ? 'LoadBalancer' : 'NodePort',
      selector,
      ports: [
        cloud
          ? { name: 'http', port: 80, targetPort: 'http' }
          : { name: 'http', port, targetPort: 'http', nodePort },
      ],
    },
  } satisfies Service
}
