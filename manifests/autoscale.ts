// app-autoscale.yaml: how many pods there are, and how few there may be while nodes are drained.
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import * as names from './names.ts'
import type { Target } from './option-forms.ts'
import type { Settings } from './options.ts'

const { deployment, autoscaler, disruption, selector } = names.application

/** Percent of the CPU that the container requests, averaged over the pods, as metrics-server sees it. */
export const autoscalerOf = ({ target, replicas, cpu, scaleDownWindow }: Settings) =>
  ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: autoscaler,
      namespace: names.applicationNamespace[target],
      labels: names.labels(selector, autoscaler, 'application'),
    },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
      minReplicas: replicas,
      maxReplicas: 5,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } },
        },
      ],
      // Up at once, down slowly: one pod too many costs little, one too few costs requests.
      behavior: { scaleDown: { stabilizationWindowSeconds: scaleDownWindow } },
    },
  }) satisfies HorizontalPodAutoscaler

/** maxUnavailable, and not minAvailable, which with as many pods as it names blocks every drain. */
export const disruptionBudget = (target: Target) =>
  ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name: disruption,
      namespace: names.applicationNamespace[target],
      labels: names.labels(selector, disruption, 'application'),
    },
    spec: {
      maxUnavailable: 1,
      // A pod that is not ready serves nobody, so a drain may take it.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selector },
    },
  }) satisfies PodDisruptionBudget
