// Whether all is well in the cluster, and if not, the one thing that is wrong first.
import { application, database } from '../../manifests/names.ts'
import { at, findObject, isKind, list, text } from '../json.ts'
import type { Commands } from '../remedy.ts'
import type { Diagnosis } from '../report.ts'
import { namespaceTrouble } from './namespace.ts'
import { troubleOf } from './trouble.ts'
import { claimTrouble } from './volume-trouble.ts'
import {
  isAtZero,
  isDatabaseElsewhere,
  leastOf,
  objectOf,
  progressOf,
  type Workload,
  wordOf,
} from './workload.ts'

export const app: Workload = { kind: 'Deployment', name: application.deployment }
export const store: Workload = { kind: 'StatefulSet', name: database.name }

/** What is wrong, what others need before what needs them; undefined if all is well. */
export function illnessOf(items: readonly unknown[], commands: Commands): Diagnosis | undefined {
  const going = namespaceTrouble(items, commands)
  if (going) return { ...going, outcome: 'notWell' }
  return (
    nothing(items, commands) ??
    (isDatabaseElsewhere(items) ? undefined : databaseIllness(items, commands)) ??
    workloadIllness(app, items, commands) ??
    serviceIllness(application.service, items, commands) ??
    autoscalerIllness(items, commands)
  )
}

const databaseIllness = (items: readonly unknown[], commands: Commands) =>
  claimTrouble(items, commands) ??
  workloadIllness(store, items, commands) ??
  serviceIllness(database.client, items, commands)

function nothing(items: readonly unknown[], { profile, deploy }: Commands): Diagnosis | undefined {
  if ([app, store].some((workload) => objectOf(workload, items) !== undefined)) return undefined
  return {
    outcome: 'notDeployed',
    what: `there is no ${app.name} in the cluster "${profile}"`,
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
    .filter((slice) => text(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === name)
    .flatMap((slice) => list(slice, 'endpoints'))
    .filter((endpoint) => at(endpoint, 'conditions', 'ready') !== false)
  if (ready.length > 0) return undefined
  const selector = JSON.stringify(at(service, 'spec', 'selector') ?? {})
  return {
    outcome: 'notWell',
    what: `service/${name} has no ready pod, so nobody gets an answer through it`,
    words: `its selector is ${selector}`,
    // Not only `up`: apply leaves a label in a selector that somebody has added.
    remedy: `${kubectl(`delete service/${name}`)}, then ${deploy('up')} makes it anew`,
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
