// A volume that cannot be mounted shows in events only; the pod says no more than ContainerCreating.
import { list, text } from './json.ts'
import { missingRemedy } from './missing-object.ts'
import type { Commands } from './remedy.ts'
import type { Trouble } from './trouble.ts'
import { eventsOf, nameOf } from './workload.ts'

const reasons = ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox']

/** The last such event of a pod whose containers are still being created. */
export function mountTrouble(
  pod: unknown,
  items: readonly unknown[],
  commands: Commands,
): Trouble | undefined {
  const creating = list(pod, 'status', 'containerStatuses').some(
    (status) => text(status, 'state', 'waiting', 'reason') === 'ContainerCreating',
  )
  if (!creating) return undefined
  const event = eventsOf(nameOf(pod), items).findLast((entry) =>
    reasons.includes(text(entry, 'reason')),
  )
  if (event === undefined) return undefined
  const words = text(event, 'message')
  const { kubectl, minikube } = commands
  return {
    outcome: 'container',
    what: `pod ${nameOf(pod)} cannot get its volumes or its network: ${text(event, 'reason')}`,
    words,
    remedy: /hostPath|\/data\/mongodb/.test(words)
      ? `make the folder: ${minikube('ssh -- sudo install -d -o 999 -g 999 /data/mongodb')}`
      : (missingRemedy(words, commands) ?? kubectl(`describe pod ${nameOf(pod)}`)),
    patience: 30,
  }
}
