// What a wait does itself, because nothing in the cluster would ever do it.
import { application, config, secret, tokenSecret, uriSecret } from '../../manifests/names.ts'
import { list, nameOf, text } from '../json.ts'
import { find, type Kubectl } from './kubectl.ts'
import {
  isAtZero,
  isOutdated,
  isReady,
  leastOf,
  newestPods,
  objectOf,
  podsOf,
  type Workload,
  wordOf,
} from './workload.ts'

export interface Mend {
  /** What is done and why, in one sentence. */
  what: string
  /** The words for kubectl. */
  words: string[]
  /** Seconds that its reason must last. */
  patience: number
}

/** The step that the objects ask for, or undefined. */
export function mendOf(workload: Workload, items: readonly unknown[]): Mend | undefined {
  if (workload.kind === 'Deployment' && isAtZero(workload, items)) {
    const least = leastOf(workload, items)
    return {
      what: `${wordOf(workload)} was scaled to 0, which switches its autoscaler off: to ${least} again`,
      words: ['scale', wordOf(workload), `--replicas=${least}`],
      patience: 0,
    }
  }
  if (workload.kind !== 'StatefulSet') return undefined
  // A StatefulSet waits for a pod to be ready before it replaces it, also if that can never be.
  const set = objectOf(workload, items)
  const stuck = podsOf(workload, items).find((pod) => isOutdated(pod, set) && !isReady(pod))
  if (stuck === undefined) return undefined
  return {
    what: `pod ${nameOf(stuck)} is of an older version and not ready: deleted, so that the new one can come`,
    words: ['delete', 'pod', nameOf(stuck), '--wait=false'],
    patience: 10,
  }
}

/**
 * New pods, if those that are not ready began before the settings or a secret last changed: a pod
 * keeps what it read at its start, and the file of the right password would help nobody. One that found
 * no Secret to mount is asked again by the kubelet, after up to 2 minutes.
 */
export async function restartOf(
  workload: Workload,
  items: readonly unknown[],
  kubectl: Kubectl,
): Promise<Mend | undefined> {
  if (workload.name !== application.deployment) return undefined
  const began = newestPods(workload, items)
    .filter((pod) => list(pod, 'status', 'containerStatuses').length > 0 && !isReady(pod))
    .map((pod) => text(pod, 'metadata', 'creationTimestamp'))
    .sort()[0]
  if (began === undefined) return undefined
  const secrets = [secret, tokenSecret, uriSecret].map((name) => `secret/${name}`)
  const names = [`configmap/${config}`, ...secrets]
  const found = await find(kubectl, ...names, '--show-managed-fields')
  if ('failure' in found) return undefined
  const changed = list(found.object, 'items')
    .flatMap((item) => list(item, 'metadata', 'managedFields'))
    .map((entry) => text(entry, 'time'))
  // Both times are the API server's, so they can be compared as the text that they are.
  if (!changed.some((time) => time > began)) return undefined
  return {
    what: `${wordOf(workload)} has pods that began before its settings or secrets changed: restarted`,
    words: ['rollout', 'restart', wordOf(workload)],
    patience: 0,
  }
}
