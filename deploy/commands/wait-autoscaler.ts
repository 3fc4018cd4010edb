// wait-autoscaler.ts: waits for the pods that the autoscaler wants, and for its first CPU figure.
// A late figure is a warning, not a failure.
import { setTimeout as sleep } from 'node:timers/promises'
import { application } from '../../manifests/names.ts'
import {
  findObjects,
  type Kubectl,
  kubectlOf,
  listAt,
  numberAt,
  textAt,
} from '../cluster/kubectl.ts'
import { commandsFor, say } from '../cluster/report.ts'
import { readArguments } from './command-line.ts'
import { waitForRollout } from './wait-rollout.ts'

// metrics-server collects once a minute and needs two rounds, the autoscaler looks every 15 s: 75 to
// 150 s after the addon was enabled.
const usualSeconds = 150
const pollMs = 2000
const remindSeconds = 20

async function main(): Promise<void> {
  const { profile, value } = readArguments([], ['deadline'])
  const deadline = Number(value('deadline') ?? 240)
  const kubectl = kubectlOf(profile)

  // The autoscaler is applied last, so only here is the number of pods known.
  await waitForRollout(profile, { kind: 'Deployment', name: application.deployment }, deadline)

  const started = Date.now()
  const elapsed = () => Math.round((Date.now() - started) / 1000)
  let saidAt = -remindSeconds
  while (true) {
    const found = await findObjects(kubectl, 'hpa', application.autoscaler)
    const { cpu, target, replicas, complaint } = scalingOf('object' in found ? found.object : {})
    if (cpu !== undefined) {
      say(`the autoscaler sees ${cpu} % of CPU (target ${target} %), ${replicas} pods`)
      break
    }
    if (elapsed() >= deadline) {
      const reason = 'failure' in found ? found.failure : complaint
      const logs = 'logs -n kube-system deployment/metrics-server'
      say(`WARNING: the autoscaler has no CPU figure after ${elapsed()} s, so it will not scale.`)
      say(`  it says:  ${reason || 'metrics-server has no figure yet'}`)
      say(`  remedy:   ${commandsFor(profile).kubectl(logs)}; the application works`)
      break
    }
    if (elapsed() - saidAt >= remindSeconds) {
      say(
        `waiting for the autoscaler's first figure (${elapsed()} s, usual is up to ${usualSeconds})`,
      )
      saidAt = elapsed()
    }
    await sleep(pollMs)
  }
}

// What the autoscaler shows: replicas, CPU and its target, or why it sees nothing.

export interface Scaling {
  replicas: number
  least: number
  most: number
  /** Percent of the requested CPU; undefined while there is no figure. */
  cpu: number | undefined
  target: number | undefined
  /** Why there is no figure, in the autoscaler's words. */
  complaint: string
}

/** Reads a HorizontalPodAutoscaler of autoscaling/v2. */
export function scalingOf(autoscaler: unknown): Scaling {
  const active = listAt(autoscaler, 'status', 'conditions').find(
    (condition) => textAt(condition, 'type') === 'ScalingActive',
  )
  const inactive = textAt(active, 'status') === 'False'
  return {
    replicas: numberAt(autoscaler, 'status', 'currentReplicas') ?? 0,
    least: numberAt(autoscaler, 'spec', 'minReplicas') ?? 1,
    most: numberAt(autoscaler, 'spec', 'maxReplicas') ?? 1,
    // When metrics fail the old figure stays in status; the condition tells.
    cpu: inactive
      ? undefined
      : numberAt(
          autoscaler,
          'status',
          'currentMetrics',
          0,
          'resource',
          'current',
          'averageUtilization',
        ),
    target: numberAt(autoscaler, 'spec', 'metrics', 0, 'resource', 'target', 'averageUtilization'),
    complaint: inactive ? `${textAt(active, 'reason')}: ${textAt(active, 'message')}` : '',
  }
}

/** Asks the cluster; undefined if there is no autoscaler, or no answer this time. */
export async function askScaling(kubectl: Kubectl): Promise<Scaling | undefined> {
  const found = await findObjects(kubectl, 'hpa', application.autoscaler)
  return 'object' in found && found.object !== undefined ? scalingOf(found.object) : undefined
}

if (import.meta.main) await main()
