// What is wrong in the cluster: what keeps a rollout from ending, what to mend first, why a file was refused.

import { application, database } from '../../manifests/names.ts'
import { findObject, isKind, listAt, namespaceTrouble, textAt, valueAt } from './kubectl.ts'
import { claimTrouble, containerTrouble, mountTrouble } from './pod-trouble.ts'
import type { Commands, Diagnosis } from './report.ts'
import { probeTrouble, unschedulable } from './unready.ts'
import {
  eventsOf,
  isAtZero,
  isDatabaseElsewhere,
  leastOf,
  newestPods,
  newestReplicaSet,
  objectOf,
  progressOf,
  type Workload,
  wordOf,
} from './workload.ts'

export interface Trouble extends Diagnosis {
  /** Seconds that it must last: a registry may hiccup, a volume binds a moment after its pod. */
  patience: number
  /** The container whose log helps, and whether it is the one that ended. */
  logOf?: { pod: string; container: string; previous: boolean }
}

/** The first trouble of a workload and its newest pods, or undefined while it makes progress. */
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

/** What keeps a pod from starting or running. */
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
  if (valueAt(objectOf(workload, items), 'spec', 'paused') !== true) return undefined
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
  const event = eventsOf(maker, items).findLast(
    (entry) => textAt(entry, 'reason') === 'FailedCreate',
  )
  if (event === undefined) return undefined
  return {
    outcome: 'podRefused',
    what: `${maker} may not make its pods`,
    words: textAt(event, 'message'),
    remedy: `${kubectl('get resourcequota,limitrange')}; ${kubectl('get namespace mongo --show-labels')}`,
    patience: 10,
  }
}

// Whether all is well in the cluster, and if not, the first thing that is wrong.

export const applicationWorkload: Workload = { kind: 'Deployment', name: application.deployment }
export const databaseWorkload: Workload = { kind: 'StatefulSet', name: database.name }

/** What is wrong, what others need before what needs them; undefined if all is well. */
export function illnessOf(items: readonly unknown[], commands: Commands): Diagnosis | undefined {
  const going = namespaceTrouble(items, commands)
  if (going) return { ...going, outcome: 'notWell' }
  return (
    nothing(items, commands) ??
    (isDatabaseElsewhere(items) ? undefined : databaseIllness(items, commands)) ??
    workloadIllness(applicationWorkload, items, commands) ??
    serviceIllness(application.service, items, commands) ??
    autoscalerIllness(items, commands)
  )
}

const databaseIllness = (items: readonly unknown[], commands: Commands) =>
  claimTrouble(items, commands) ??
  workloadIllness(databaseWorkload, items, commands) ??
  serviceIllness(database.client, items, commands)

function nothing(items: readonly unknown[], { profile, deploy }: Commands): Diagnosis | undefined {
  if (
    [applicationWorkload, databaseWorkload].some(
      (workload) => objectOf(workload, items) !== undefined,
    )
  )
    return undefined
  return {
    outcome: 'notDeployed',
    what: `there is no ${applicationWorkload.name} in the cluster "${profile}"`,
    remedy: deploy('up'),
  }
}

function workloadIllness(
  workload: Workload,
  items: readonly unknown[],
  commands: Commands,
): Diagnosis | undefined {
  const { kubectl, deploy } = commands
  const word = wordOf(workload)
  const outcome = 'notWell'
  if (objectOf(workload, items) === undefined) {
    return { outcome, what: `there is no ${word}`, remedy: deploy('up') }
  }
  if (isAtZero(workload, items)) {
    const least = leastOf(workload, items)
    return {
      outcome,
      what: `${word} is scaled to 0`,
      remedy: kubectl(`scale ${word} --replicas=${least}`),
    }
  }
  const trouble = troubleOf(workload, items, commands)
  if (trouble) return { ...trouble, outcome }
  const { complete, line } = progressOf(workload, items)
  if (complete) return undefined
  return {
    outcome,
    what: `${word} is not ready: ${line}`,
    remedy: `it may be on its way: ${deploy('up')} waits for it and says what keeps it; ${deploy('logs')}`,
  }
}

function serviceIllness(
  name: string,
  items: readonly unknown[],
  { kubectl, deploy }: Commands,
): Diagnosis | undefined {
  const service = findObject(items, 'Service', name)
  if (service === undefined) {
    return { outcome: 'notWell', what: `there is no service/${name}`, remedy: deploy('up') }
  }
  const ready = items
    .filter(isKind('EndpointSlice'))
    .filter((slice) => textAt(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === name)
    .flatMap((slice) => listAt(slice, 'endpoints'))
    .filter((endpoint) => valueAt(endpoint, 'conditions', 'ready') !== false)
  if (ready.length > 0) return undefined
  const selector = JSON.stringify(valueAt(service, 'spec', 'selector') ?? {})
  return {
    outcome: 'notWell',
    what: `service/${name} has no ready pod, so nobody gets an answer through it`,
    words: `its selector is ${selector}`,
    // Not only `up`: apply leaves a label in a selector that somebody has added.
    remedy: `${kubectl(`delete service/${name}`)}, then ${deploy('up')} makes it again`,
  }
}

function autoscalerIllness(items: readonly unknown[], { deploy }: Commands): Diagnosis | undefined {
  if (items.some(isKind('HorizontalPodAutoscaler'))) return undefined
  return {
    outcome: 'notWell',
    what: `there is no autoscaler ${application.autoscaler}: the number of pods stays as it is`,
    remedy: deploy('up'),
  }
}

// Why the cluster refused a file: its own words, the field, and what helps against that.

/** The diagnosis of what `kubectl apply` said; the words may be empty, if it accepts the file now. */
export function refusalOf(file: string, words: string, commands: Commands): Diagnosis {
  const { kubectl, deploy } = commands
  const field = fieldIn(words)
  return {
    outcome: 'refused',
    what: `the cluster refused ${file}${field === '' ? '' : ` because of ${field}`}`,
    words: words || 'its reason is above; it takes the file now',
    remedy:
      immutableRemedy(words, commands) ??
      (field === ''
        ? `mend what it names, then ${deploy('up')}; to ask again without a change: ${kubectl(`apply --dry-run=server -f ${file}`)}`
        : `mend ${field} in manifests/, then ${deploy('up')}`),
  }
}

// `spec.template.spec.containers[0].resources.requests: Invalid value`, or the words of a decoder that
// found another type than it expected.
const fieldIn = (words: string): string =>
  /\b((?:spec|metadata|data)(?:\.[\w/-]+|\[[^\]]*\])*): (?:Invalid|Required|Forbidden|Unsupported|Duplicate|Too)/.exec(
    words,
  )?.[1] ??
  /strict decoding error: unknown field "([^"]+)"/.exec(words)?.[1] ??
  /Go struct field (\S+) of type/.exec(words)?.[1] ??
  ''

// These keep no state. A Secret does: the password of the documents.
const replaceable = ['Deployment', 'StatefulSet', 'Service']

/** What can never be changed: the object is recreated. That loses no documents, and the remedy says so. */
function immutableRemedy(words: string, { kubectl, deploy }: Commands): string | undefined {
  const [, kind = '', name = ''] = /\bThe (\w+) "([^"]+)" is invalid/.exec(words) ?? []
  const immutable = /field is immutable|updates to statefulset spec for fields other than/i
  if (!replaceable.includes(kind) || !immutable.test(words)) return undefined
  const object = `${kind.toLowerCase()}/${name}`
  // Its pod and its claim stay and belong to the next set of that name.
  const orphans = kind === 'StatefulSet' ? ' --cascade=orphan' : ''
  return `this can only be recreated: ${kubectl(`delete ${object}${orphans}`)}, then ${deploy('up')}; the documents stay`
}
