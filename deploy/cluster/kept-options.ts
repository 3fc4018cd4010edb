// The options that a cluster was deployed with, read from the objects that they ended up in.
import { readOptionsMap } from '../../manifests/made-with.ts'
import {
  application,
  backup,
  options,
  secret,
  tokenSecret,
  uriSecret,
} from '../../manifests/names.ts'
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
  `persistentvolume/${backup.volume}`,
  `cronjob/${backup.name}`,
] as const

/**
 * The node whose folder has the documents, if it has to be said: the one that the volume names, or, if there are
 * several nodes, minikube's first, where `minikube ssh` makes the folder.
 */
export function volumeNode(
  items: readonly unknown[],
  nodes: readonly unknown[],
): string | undefined {
  const volume = findObject(items, 'PersistentVolume', 'mongo-volume')
  const terms = ['spec', 'nodeAffinity', 'required', 'nodeSelectorTerms', 0]
  const named = text(volume, ...terms, 'matchExpressions', 0, 'values', 0)
  if (named !== '') return named
  const first = nodes.find((node) => labelOf(node, 'minikube.k8s.io/primary') === 'true')
  return nodes.length > 1 ? labelOf(first ?? nodes[0], 'kubernetes.io/hostname') : undefined
}

const labelOf = (item: unknown, name: string): string => text(item, 'metadata', 'labels', name)

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
    'backup-schedule': text(findObject(items, 'CronJob', backup.name), 'spec', 'schedule'),
    'backup-storage': text(
      findObject(items, 'PersistentVolume', backup.volume),
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
