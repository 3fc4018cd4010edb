// wait-autoscaler.ts: waits for the pods that the autoscaler is to have, and for its first CPU figure.
// A late figure is a warning, not a failure.
import { setTimeout as sleep } from 'node:timers/promises'
import { application } from '../../manifests/names.ts'
import { scalingOf } from '../cluster/autoscaler.ts'
import { find, kubectlOf } from '../cluster/kubectl.ts'
import { readArguments } from '../command-line.ts'
import { commandsFor } from '../remedy.ts'
import { say } from '../report.ts'
import { waitForRollout } from './wait-rollout.ts'

// metrics-server collects once a minute and needs two rounds, the autoscaler looks every 15 s: 75 to
// 150 s after the addon was enabled.
const usualSeconds = 150
const pollMs = 2000
const remindSeconds = 20

const { profile, value } = readArguments([], ['deadline'])
const deadline = Number(value('deadline') ?? 240)
const kubectl = kubectlOf(profile)

// The autoscaler is applied last, so only here is it known how many pods were asked for.
await waitForRollout(profile, { kind: 'Deployment', name: application.deployment }, deadline)

const started = Date.now()
const elapsed = () => Math.round((Date.now() - started) / 1000)
let saidAt = -remindSeconds
while (true) {
  const found = await find(kubectl, 'hpa', application.autoscaler)
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
