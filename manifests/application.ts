// app.yaml: the data service itself, and the way in.
import { hash, scryptSync } from 'node:crypto'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type {
  Affinity,
  ConfigMap,
  Service,
  TopologySpreadConstraint,
  Volume,
} from 'kubernetes-types/core/v1.js'
import { explainFindings } from './analysers.ts'
import { tokenSources } from './api-token.ts'
import { container, databaseCredentials, gracePeriod } from './application-container.ts'
import type { Credentials } from './credentials.ts'
import * as names from './names.ts'
import type { Settings } from './options.ts'
import { restrictedPod, secretFileMode } from './pod-security.ts'

const { deployment, service, port, servicePort, user, selector } = names.application
const labels = names.labels(selector, deployment, 'application')

/** Prefers different nodes without insisting: on one node, and in a rollout, pods must share. */
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
  // Counts the pods of one version: otherwise the old ones would influence where the new ones go.
  matchLabelKeys: ['pod-template-hash'],
  nodeTaintsPolicy: 'Honor',
})

/** A Deployment, because its pods keep nothing: any of them can answer, and any of them can be replaced. */
export function deploymentOf(
  settings: Settings,
  config: ConfigMap,
  login: Credentials | undefined,
) {
  const { target, apiToken = 'none' } = settings
  const cloud = target === 'cloud'
  const volumes: Volume[] = [
    {
      name: 'credentials',
      projected: {
        defaultMode: secretFileMode,
        sources: [...databaseCredentials(settings).sources, ...tokenSources(apiToken)],
      },
    },
  ]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: deployment,
      namespace: names.applicationNamespace[target],
      labels,
      annotations: {
        // What `kubectl rollout history` shows of a revision.
        'kubernetes.io/change-cause': `image ${settings.image}`,
        ...explainFindings(
          'autoscaled',
          'noRank',
          ...(cloud ? [] : (['loadedImage'] as const)),
          ...(settings.image.includes('@') ? [] : (['tag'] as const)),
        ),
      },
    },
    spec: {
      // No replicas: the autoscaler's number would be overwritten at every apply.
      selector: { matchLabels: selector },
      // One more during a rollout, never one less.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      minReadySeconds: 3,
      revisionHistoryLimit: 5,
      // In a cloud the first pods wait for the operator to build a replica set, which takes minutes.
      progressDeadlineSeconds: cloud ? 900 : 120,
      template: {
        // The service reads both at its start. A changed ConfigMap or Secret restarts nothing;
        // a changed annotation does. In a cloud the operator's secret counts, which is not known here, as
        // is one that others make.
        metadata: {
          labels,
          annotations: {
            'data-service/config': checksum(config.data ?? {}),
            ...(cloud || !login ? {} : { 'data-service/credentials': slowChecksum(login) }),
          },
        },
        spec: {
          ...restrictedPod(user),
          terminationGracePeriodSeconds: gracePeriod,
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

const checksum = (data: Record<string, string>) => hash('sha256', JSON.stringify(data)).slice(0, 16)

// Somebody who may read pods but not secrets could test passwords against a checksum. A random one is safe from
// that; for one that a person chose and --adopt-secret took over, each attempt takes 50 ms.
const slowChecksum = ({ username, password }: Credentials) =>
  scryptSync(password, username, 8).toString('hex')

/**
 * minikube: the same port on each node. Cloud: the provider's load balancer; with a host name it is reached
 * only within the cluster: otherwise there would be a second way in, without TLS.
 */
export function serviceOf({ target, nodePort, host, sourceRanges }: Settings) {
  const cloud = target === 'cloud'
  const type = cloud ? (host === undefined ? 'LoadBalancer' : 'ClusterIP') : 'NodePort'
  const annotations = {
    NodePort: explainFindings('nodePort'),
    LoadBalancer: explainFindings('loadBalancer'),
    ClusterIP: undefined,
  }[type]
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: service,
      namespace: names.applicationNamespace[target],
      labels: names.labels(selector, service, 'application'),
      ...(annotations && { annotations }),
    },
    spec: {
      type,
      ...(type === 'LoadBalancer' ? { loadBalancerSourceRanges: [...sourceRanges] } : {}),
      selector,
      ports: [
        cloud
          ? { name: 'http', port: servicePort, targetPort: 'http' }
          : { name: 'http', port, targetPort: 'http', nodePort },
      ],
    },
  } satisfies Service
}
