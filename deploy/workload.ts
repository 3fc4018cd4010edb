// A Deployment or StatefulSet as kubectl shows it: whether its rollout is complete, and its newest pods.
import { at, list, number, text } from './json.ts'

export interface Workload {
  kind: 'Deployment' | 'StatefulSet'
  name: string
}

/** Reads `deployment/app-deployment`, the words that `kubectl rollout status` takes. */
export function workloadOf(word: string): Workload | undefined {
  const [kind, name] = word.split('/')
  if (!name) return undefined
  if (kind === 'deployment') return { kind: 'Deployment', name }
  return kind === 'statefulset' ? { kind: 'StatefulSet', name } : undefined
}

export const isKind = (kind: string) => (item: unknown) => text(item, 'kind') === kind
export const nameOf = (item: unknown) => text(item, 'metadata', 'name')
const ownerOf = (item: unknown) => text(item, 'metadata', 'ownerReferences', 0, 'name')

export interface Progress {
  complete: boolean
  /** `1 of 2 pods ready`; the same text means that nothing has changed. */
  line: string
}

/** The rule of `kubectl rollout status`. */
export function progressOf(workload: Workload, items: readonly unknown[]): Progress {
  const found = items.find((item) => isKind(workload.kind)(item) && nameOf(item) === workload.name)
  if (found === undefined) return { complete: false, line: 'not there yet' }
  const status = at(found, 'status')
  const wanted = number(found, 'spec', 'replicas') ?? 1
  const ready = number(status, 'readyReplicas') ?? 0
  const updated = number(status, 'updatedReplicas') ?? 0
  const seen =
    (number(status, 'observedGeneration') ?? 0) >= (number(found, 'metadata', 'generation') ?? 1)
  const complete =
    workload.kind === 'Deployment'
      ? seen &&
        updated >= wanted &&
        (number(status, 'replicas') ?? 0) === updated &&
        (number(status, 'availableReplicas') ?? 0) >= updated
      : seen &&
        ready >= wanted &&
        text(status, 'updateRevision') === text(status, 'currentRevision')
  const line = `${updated} of ${wanted} pods have the new version, ${ready} ready`
  return { complete, line: complete ? `${ready} of ${wanted} pods ready` : line }
}

/**
 * The pods of the newest version that are not on their way out. Pods of an older version may be as
 * broken as they like: they are what this rollout replaces.
 */
export function newestPods(workload: Workload, items: readonly unknown[]): unknown[] {
  const staying = items
    .filter(isKind('Pod'))
    .filter((pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined)
  if (workload.kind === 'StatefulSet') {
    return staying.filter((pod) => ownerOf(pod) === workload.name)
  }
  const newest = newestReplicaSet(workload.name, items)
  return staying.filter((pod) => newest !== '' && ownerOf(pod) === newest)
}

/** The ReplicaSet of a Deployment's newest revision, or an empty name. */
export function newestReplicaSet(deployment: string, items: readonly unknown[]): string {
  const revision = (set: unknown) =>
    Number(text(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'))
  const sets = items.filter(isKind('ReplicaSet')).filter((set) => ownerOf(set) === deployment)
  const [newest] = sets.sort((a, b) => revision(b) - revision(a))
  return nameOf(newest)
}

/** The events about an object, newest last, in the words of who reported them. */
export function eventsOf(name: string, items: readonly unknown[]): unknown[] {
  const time = (event: unknown) =>
    text(event, 'lastTimestamp') ||
    text(event, 'series', 'lastObservedTime') ||
    text(event, 'eventTime')
  return list({ items }, 'items')
    .filter(isKind('Event'))
    .filter((event) => text(event, 'involvedObject', 'name') === name)
    .sort((a, b) => time(a).localeCompare(time(b)))
}
