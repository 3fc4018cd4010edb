// The claim on the database's volume when it is lost or on its way out, and volumes that cannot be mounted.
import { database } from '../../manifests/names.ts'
import { claimTemplate } from '../../manifests/volume.ts'
import { at, findObject, list, nameOf, text } from '../json.ts'
import { type Commands, exportLine, missingRemedy } from '../remedy.ts'
import type { Diagnosis } from '../report.ts'
import type { Trouble } from './trouble.ts'
import { eventsOf } from './workload.ts'

const claim = `${claimTemplate}-${database.name}-0`

/**
 * The volume is kept when its claim goes, and its folder when the volume goes (`Retain`). But a volume
 * that had a claim takes no other, so all three are made anew.
 */
export const claimRemedy = ({ kubectl, deploy }: Commands): string =>
  `${kubectl(`delete statefulset/${database.name} pvc/${claim} pv/mongo-volume --ignore-not-found`)}, then ${deploy('up')} (the documents stay in /data/mongodb of the node). While the application answers, save them first: ${exportLine}`

/** A claim that has lost its volume, or that somebody has deleted under a pod that still uses it. */
export function claimTrouble(items: readonly unknown[], commands: Commands): Diagnosis | undefined {
  const found = findObject(items, 'PersistentVolumeClaim', claim)
  const leaving = at(found, 'metadata', 'deletionTimestamp') !== undefined
  if (!leaving && text(found, 'status', 'phase') !== 'Lost') return undefined
  return {
    outcome: 'notWell',
    what: leaving
      ? `the claim ${claim} was deleted: it goes with the pod of the database, which then finds no volume`
      : `the claim ${claim} has lost its volume`,
    remedy: claimRemedy(commands),
  }
}

// A volume that cannot be mounted shows in events only; the pod says no more than ContainerCreating.
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
    remedy: /hostPath|\/data\/(?:mongodb|backups)/.test(words)
      ? `make the folder: ${minikube(`ssh -- sudo install -d -o 999 -g 999 ${/\/data\/\w+/.exec(words)?.[0] ?? '/data/mongodb'}`)}`
      : (missingRemedy(words, commands) ?? kubectl(`describe pod ${nameOf(pod)}`)),
    patience: 30,
  }
}
