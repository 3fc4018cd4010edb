// The claim on the database's volume, when it is lost or on its way out.

import { database } from '../manifests/names.ts'
import { claimTemplate } from '../manifests/volume.ts'
import { at, text } from './json.ts'
import { type Commands, exportLine } from './remedy.ts'
import type { Diagnosis } from './report.ts'
import { isKind, nameOf } from './workload.ts'

const claim = `${claimTemplate}-${database.name}-0`

/**
 * The volume is kept when its claim goes, and its folder when the volume goes (`Retain`). But a volume
 * that had a claim takes no other, so all three are made anew.
 */
export const claimRemedy = ({ kubectl, deploy }: Commands): string =>
  `${kubectl(`delete statefulset/${database.name} pvc/${claim} pv/mongo-volume --ignore-not-found`)}, then ${deploy('up')} (the documents stay in /data/mongodb of the node). While the application answers, save them first: ${exportLine}`

/** A claim that has lost its volume, or that somebody has deleted under a pod that still uses it. */
export function claimTrouble(items: readonly unknown[], commands: Commands): Diagnosis | undefined {
  const found = items.find(
    (item) => isKind('PersistentVolumeClaim')(item) && nameOf(item) === claim,
  )
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
