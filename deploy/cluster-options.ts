// The options that a cluster was deployed with, read from the objects that they ended up in.
import { readOptionsMap } from '../manifests/made-with.ts'
import { application, options, secret, tokenSecret } from '../manifests/names.ts'
import { keptOptions } from '../manifests/options.ts'
import { number, text } from './json.ts'
import { tokenScopeOf } from './token-scope.ts'
import { isKind, nameOf } from './workload.ts'

/** What `kubectl get` is asked for, in one call. */
export const askedFor = [
  `secret/${secret}`,
  `secret/${tokenSecret}`,
  `configmap/${options}`,
  `deployment/${application.deployment}`,
  `service/${application.service}`,
  `hpa/${application.autoscaler}`,
  'persistentvolume/mongo-volume',
] as const

/** The object of a kind and name among those that came. */
export const named = (items: readonly unknown[], kind: string, name: string): unknown =>
  items.find((item) => isKind(kind)(item) && nameOf(item) === name)

/**
 * By name without dashes. What the objects say counts first, since people change them by hand; then what the
 * last `up` noted, for those that `down` has removed.
 */
export function clusterOptions(items: readonly unknown[]): Record<string, string> {
  const { options: noted = {} } = readOptionsMap(named(items, 'ConfigMap', options)) ?? {}
  const scaler = named(items, 'HorizontalPodAutoscaler', application.autoscaler)
  const service = named(items, 'Service', application.service)
  const live: Record<string, number | string | undefined> = {
    'node-port': number(service, 'spec', 'ports', 0, 'nodePort'),
    replicas: number(scaler, 'spec', 'minReplicas'),
    cpu: number(scaler, 'spec', 'metrics', 0, 'resource', 'target', 'averageUtilization'),
    'scale-down-window': number(
      scaler,
      ...['spec', 'behavior', 'scaleDown', 'stabilizationWindowSeconds'],
    ),
    storage: text(
      named(items, 'PersistentVolume', 'mongo-volume'),
      ...['spec', 'capacity', 'storage'],
    ),
    'api-token': tokenScopeOf(named(items, 'Deployment', application.deployment)),
  }
  return Object.fromEntries(
    keptOptions.flatMap((name) => {
      const value = live[name] || live[name] === 0 ? `${live[name]}` : noted[name]
      return value ? [[name, value]] : []
    }),
  )
}
