// What the autoscaler shows: replicas, CPU and its target, or why it sees nothing.
import { application } from '../../manifests/names.ts'
import { list, number, text } from '../json.ts'
import { find, type Kubectl } from './kubectl.ts'

export interface Scaling {
  replicas: number
  least: number
  most: number
  /** Percent of the requested CPU; undefined while there is no figure. */
  cpu: number | undefined
  target: number | undefined
  /** Why there is no figure, in the autoscaler's words. */
  complaint: string
}

/** Reads a HorizontalPodAutoscaler of autoscaling/v2. */
export function scalingOf(autoscaler: unknown): Scaling {
  const active = list(autoscaler, 'status', 'conditions').find(
    (condition) => text(condition, 'type') === 'ScalingActive',
  )
  const inactive = text(active, 'status') === 'False'
  return {
    replicas: number(autoscaler, 'status', 'currentReplicas') ?? 0,
    least: number(autoscaler, 'spec', 'minReplicas') ?? 1,
    most: number(autoscaler, 'spec', 'maxReplicas') ?? 1,
    // When metrics fail the old figure stays in status; the condition tells.
    cpu: inactive
      ? undefined
      : number(
          autoscaler,
          'status',
          'currentMetrics',
          0,
          'resource',
          'current',
          'averageUtilization',
        ),
    target: number(autoscaler, 'spec', 'metrics', 0, 'resource', 'target', 'averageUtilization'),
    complaint: inactive ? `${text(active, 'reason')}: ${text(active, 'message')}` : '',
  }
}

/** Asks the cluster; undefined if there is no autoscaler, or no answer this time. */
export async function askScaling(kubectl: Kubectl): Promise<Scaling | undefined> {
  const found = await find(kubectl, 'hpa', application.autoscaler)
  return 'object' in found && found.object !== undefined ? scalingOf(found.object) : undefined
}
