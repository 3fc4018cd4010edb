// The options that a cluster was deployed with, read from the objects that they ended up in.
import { readOptionsMap } from '../../manifests/made-with.ts'
import { application, options, secret, tokenSecret, uriSecret } from '../../manifests/names.ts'
import { keptOptions } from '../../manifests/options.ts'
import { findObject, number, text } from '../json.ts'
import { databasePlaceOf, tokenScopeOf } from './workload.ts'

/** What `kubectl get` is asked for, in one call. */
export const askedFor = [
  `secret/${secret}`,
  `secret/${tokenSecret}`,
  `secret/${uriSecret}`,
  `configmap/${options}`,
  `deployment/${application.deployment}`,
  `service/${application.service}`,
  `hpa/${application.autoscaler}`,
  'persistentvolume/mongo-volume',
] as const

/**
 * By name without dashes. What the objects say counts first, since people change them by hand; then what the
 * last `up` noted, for those that `down` has removed.
 */
export function clusterOptions(items: readonly unknown[]): Record<string, string> {
  const { options: noted = {} } = readOptionsMap(findObject(items, 'ConfigMap', options)) ?? {}
  const scaler = findObject(items, 'HorizontalPodAutoscaler', application.autoscaler)
  const service = findObject(items, 'Service', application.service)
  const deployment = findObject(items, 'Deployment', application.deployment)
  const live: Record<string, number | string | undefined> = {
    'node-port': number(service, 'spec', 'ports', 0, 'nodePort'),
    replicas: number(scaler, 'spec', 'minReplicas'),
    cpu: number(scaler, 'spec', 'metrics', 0, 'resource', 'target', 'averageUtilization'),
    'scale-down-window': number(
      scaler,
      ...['spec', 'behavior', 'scaleDown', 'stabilizationWindowSeconds'],
    ),
    storage: text(
      findObject(items, 'PersistentVolume', 'mongo-volume'),
      ...['spec', 'capacity', 'storage'],
    ),
    'api-token': tokenScopeOf(deployment),
    database: databasePlaceOf(deployment),
  }
  const found = Object.fromEntries(
    keptOptions.flatMap((name) => {
      const value = live[name] || live[name] === 0 ? `${live[name]}` : noted[name]
      return value ? [[name, value]] : []
    }),
  )
  // Our own is nothing that anybody has to be told, and has no addresses.
  const { database, 'database-cidr': ranges, ...others } = found
  return database === 'external'
    ? { ...others, database, ...(ranges && { 'database-cidr': ranges }) }
    : others
}
