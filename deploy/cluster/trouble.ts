// Finds in pods and events what keeps a rollout from its end.

import { at, text } from '../json.ts'
import type { Commands } from '../remedy.ts'
import type { Diagnosis } from '../report.ts'
import { containerTrouble } from './container-trouble.ts'
import { namespaceTrouble } from './namespace.ts'
import { probeTrouble } from './unready.ts'
import { unschedulable } from './unschedulable.ts'
import { mountTrouble } from './volume-trouble.ts'
import {
  eventsOf,
  newestPods,
  newestReplicaSet,
  objectOf,
  type Workload,
  wordOf,
} from './workload.ts'

export interface Trouble extends Diagnosis {
  /** Seconds that it must last: a registry may hiccup, a volume binds a moment after its pod. */
  patience: number
  /** Whose log helps, and whether it is the container that ended. */
  logOf?: { pod: string; container: string; previous: boolean }
}

/** The first trouble of a workload and its newest pods, or undefined while all is progress. */
export function troubleOf(
  workload: Workload,
  items: readonly unknown[],
  commands: Commands,
): Trouble | undefined {
  const whole = namespaceTrouble(items, commands) ?? paused(workload, items, commands)
  if (whole) return whole
  const pods = newestPods(workload, items)
  for (const pod of pods) {
    const trouble = podTrouble(pod, items, commands) ?? probeTrouble(pod, items, commands)
    if (trouble) return trouble
  }
  return pods.length === 0 ? creation(workload, items, commands) : undefined
}

/** What keeps a pod from its beginning, or from going on. */
export const podTrouble = (
  pod: unknown,
  items: readonly unknown[],
  commands: Commands,
): Trouble | undefined =>
  unschedulable(pod, items, commands) ??
  containerTrouble(pod, commands) ??
  mountTrouble(pod, items, commands)

function paused(
  workload: Workload,
  items: readonly unknown[],
  { kubectl }: Commands,
): Trouble | undefined {
  if (at(objectOf(workload, items), 'spec', 'paused') !== true) return undefined
  return {
    outcome: 'notWell',
    what: `the rollout of ${wordOf(workload)} is paused: no change reaches its pods`,
    remedy: kubectl(`rollout resume ${wordOf(workload)}`),
    patience: 0,
  }
}

/** No pod at all: admission, a quota or Pod Security refused it, and only an event says so. */
function creation(
  workload: Workload,
  items: readonly unknown[],
  { kubectl }: Commands,
): Trouble | undefined {
  const maker =
    workload.kind === 'StatefulSet' ? workload.name : newestReplicaSet(workload.name, items)
  const event = eventsOf(maker, items).findLast((entry) => text(entry, 'reason') === 'FailedCreate')
  if (event === undefined) return undefined
  return {
    outcome: 'podRefused',
    what: `${maker} may not make its pods`,
    words: text(event, 'message'),
    remedy: `${kubectl('get resourcequota,limitrange')}; ${kubectl('get namespace mongo --show-labels')}`,
    patience: 10,
  }
}
