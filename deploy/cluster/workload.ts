// A Deployment or StatefulSet as kubectl shows it: its rollout, its newest pods, and the options that made it.
import type { DatabasePlace } from '../../manifests/external-database.ts'
import {
  application,
  backup,
  options,
  secret,
  tokenSecret,
  uriSecret,
} from '../../manifests/names.ts'
import { keptOptions } from '../../manifests/options.ts'
import { readOptionsMap } from '../../manifests/options-map.ts'
import { findObject, isKind, listAt, nameOf, numberAt, textAt, valueAt } from './kubectl.ts'

export interface Workload {
  kind: 'Deployment' | 'StatefulSet'
  name: string
}

/** Reads `deployment/app-deployment`, as `kubectl rollout status` takes it. */
export function workloadOf(word: string): Workload | undefined {
  const [kind, name] = word.split('/')
  if (!name) return undefined
  if (kind === 'deployment') return { kind: 'Deployment', name }
  return kind === 'statefulset' ? { kind: 'StatefulSet', name } : undefined
}

/** Its name as kubectl takes it: `deployment/app-deployment`. */
export const wordOf = ({ kind, name }: Workload): string => `${kind.toLowerCase()}/${name}`

const ownerOf = (item: unknown) => textAt(item, 'metadata', 'ownerReferences', 0, 'name')

/** The workload as the cluster has it, or undefined if it has none. */
export const objectOf = ({ kind, name }: Workload, items: readonly unknown[]): unknown =>
  findObject(items, kind, name)

/** Whether it is scaled to no pods at all, which switches its autoscaler off. */
export const isAtZero = (workload: Workload, items: readonly unknown[]): boolean =>
  numberAt(objectOf(workload, items), 'spec', 'replicas') === 0

/** The fewest pods that its autoscaler allows: more than there are, a moment after that was changed. */
export function leastOf({ name }: Workload, items: readonly unknown[]): number {
  const autoscaler = items
    .filter(isKind('HorizontalPodAutoscaler'))
    .find((item) => textAt(item, 'spec', 'scaleTargetRef', 'name') === name)
  return numberAt(autoscaler, 'spec', 'minReplicas') ?? 1
}

interface Progress {
  complete: boolean
  /** `1 of 2 pods ready`; the same text means that nothing has changed. */
  line: string
}

/** The rule of `kubectl rollout status`, except that 0 of 0 pods are not complete. */
export function progressOf(workload: Workload, items: readonly unknown[]): Progress {
  const found = objectOf(workload, items)
  if (found === undefined) return { complete: false, line: 'not there yet' }
  if (isAtZero(workload, items)) return { complete: false, line: 'scaled to 0' }
  const status = valueAt(found, 'status')
  const wanted = Math.max(numberAt(found, 'spec', 'replicas') ?? 1, leastOf(workload, items))
  const ready = numberAt(status, 'readyReplicas') ?? 0
  const updated = numberAt(status, 'updatedReplicas') ?? 0
  const seen =
    (numberAt(status, 'observedGeneration') ?? 0) >=
    (numberAt(found, 'metadata', 'generation') ?? 1)
  const complete =
    workload.kind === 'Deployment'
      ? seen &&
        updated >= wanted &&
        (numberAt(status, 'replicas') ?? 0) === updated &&
        (numberAt(status, 'availableReplicas') ?? 0) >= updated
      : seen &&
        ready >= wanted &&
        textAt(status, 'updateRevision') === textAt(status, 'currentRevision')
  const line = `${updated} of ${wanted} pods have the new version, ${ready} ready`
  return { complete, line: complete ? `${ready} of ${wanted} pods ready` : line }
}

/** The pods that are not being removed: all of a StatefulSet, and of a Deployment those of its newest set. */
export function podsOf(workload: Workload, items: readonly unknown[]): unknown[] {
  const owner =
    workload.kind === 'StatefulSet' ? workload.name : newestReplicaSet(workload.name, items)
  return items
    .filter(isKind('Pod'))
    .filter((pod) => valueAt(pod, 'metadata', 'deletionTimestamp') === undefined)
    .filter((pod) => owner !== '' && ownerOf(pod) === owner)
}

/**
 * The pods of the newest version that are not being removed. How broken pods of an older version are does
 * not matter: this rollout replaces them.
 */
export function newestPods(workload: Workload, items: readonly unknown[]): unknown[] {
  const set = objectOf(workload, items)
  return podsOf(workload, items).filter((pod) => !isOutdated(pod, set))
}

/** Whether a pod of a StatefulSet has another revision than its set is to have. */
export function isOutdated(pod: unknown, set: unknown): boolean {
  const revision = textAt(pod, 'metadata', 'labels', 'controller-revision-hash')
  const wanted = textAt(set, 'status', 'updateRevision')
  return revision !== '' && wanted !== '' && revision !== wanted
}

/** Whether the pod takes requests. */
export const isReady = (pod: unknown): boolean =>
  listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  )

/** The ReplicaSet of a Deployment's newest revision, or an empty name. */
export function newestReplicaSet(deployment: string, items: readonly unknown[]): string {
  const revision = (set: unknown) =>
    Number(textAt(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'))
  const sets = items.filter(isKind('ReplicaSet')).filter((set) => ownerOf(set) === deployment)
  const [newest] = sets.sort((a, b) => revision(b) - revision(a))
  return nameOf(newest)
}

/** The events about an object, newest last. */
export function eventsOf(name: string, items: readonly unknown[]): unknown[] {
  const time = (event: unknown) =>
    textAt(event, 'lastTimestamp') ||
    textAt(event, 'series', 'lastObservedTime') ||
    textAt(event, 'eventTime')
  return listAt({ items }, 'items')
    .filter(isKind('Event'))
    .filter((event) => textAt(event, 'involvedObject', 'name') === name)
    .sort((a, b) => time(a).localeCompare(time(b)))
}

const variable = (deployment: unknown, name: string): unknown =>
  listAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'env').find(
    (entry) => textAt(entry, 'name') === name,
  )

/** What needs the token; undefined if there is no Deployment that tells. */
export function tokenScopeOf(deployment: unknown): string | undefined {
  if (deployment === undefined) return undefined
  const scope = variable(deployment, 'API_TOKEN_SCOPE')
  return scope === undefined ? 'none' : textAt(scope, 'value')
}

/** Whose the database is: on minikube only an external one has a whole connection string. */
export function databasePlaceOf(deployment: unknown): DatabasePlace | undefined {
  if (deployment === undefined) return undefined
  return variable(deployment, 'MONGODB_URI_FILE') === undefined ? 'own' : 'external'
}

/** Whether the application that is deployed has a database that others run. */
export const isDatabaseElsewhere = (items: readonly unknown[]): boolean =>
  databasePlaceOf(findObject(items, 'Deployment', application.deployment)) === 'external'

// The options of the last deployment, read from the objects in the cluster.

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
 * The node whose folder has the documents, if it must be named: the one that the volume names, or, if there are
 * several nodes, minikube's first, on which `minikube ssh` makes the folder.
 */
export function volumeNode(
  items: readonly unknown[],
  nodes: readonly unknown[],
): string | undefined {
  const volume = findObject(items, 'PersistentVolume', 'mongo-volume')
  const terms = ['spec', 'nodeAffinity', 'required', 'nodeSelectorTerms', 0]
  const named = textAt(volume, ...terms, 'matchExpressions', 0, 'values', 0)
  if (named !== '') return named
  const first = nodes.find((node) => labelOf(node, 'minikube.k8s.io/primary') === 'true')
  return nodes.length > 1 ? labelOf(first ?? nodes[0], 'kubernetes.io/hostname') : undefined
}

const labelOf = (item: unknown, name: string): string => textAt(item, 'metadata', 'labels', name)

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
    'node-port': numberAt(service, 'spec', 'ports', 0, 'nodePort'),
    replicas: numberAt(scaler, 'spec', 'minReplicas'),
    cpu: numberAt(scaler, 'spec', 'metrics', 0, 'resource', 'target', 'averageUtilization'),
    'scale-down-window': numberAt(
      scaler,
      'spec',
      'behavior',
      'scaleDown',
      'stabilizationWindowSeconds',
    ),
    storage: textAt(
      findObject(items, 'PersistentVolume', 'mongo-volume'),
      'spec',
      'capacity',
      'storage',
    ),
    'backup-schedule': textAt(findObject(items, 'CronJob', backup.name), 'spec', 'schedule'),
    'backup-storage': textAt(
      findObject(items, 'PersistentVolume', backup.volume),
      'spec',
      'capacity',
      'storage',
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
  // Our own database need not be mentioned, and has no addresses.
  const { database, 'database-cidr': ranges, ...others } = found
  return database === 'external'
    ? { ...others, database, ...(ranges && { 'database-cidr': ranges }) }
    : others
}
