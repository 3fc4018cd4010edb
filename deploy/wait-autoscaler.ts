// wait-autoscaler.ts: waits for the autoscaler's first CPU figure. Late is a warning, not a failure.
import { setTimeout as sleep } from 'node:timers/promises'
import { readArguments } from './arguments.ts'
import { askScaling } from './autoscaler.ts'
import { kubectlOf } from './kubectl.ts'
import { say } from './report.ts'

// metrics-server collects once a minute and needs two rounds, the autoscaler looks every 15 s: 75 to
// 150 s after the addon was enabled.
const usualSeconds = 150
const pollMs = 2000
const remindSeconds = 20

const { profile, value } = readArguments([], ['deadline'])
const deadline = Number(value('deadline') ?? 240)
const kubectl = kubectlOf(profile)
const started = Date.now()
const elapsed = () => Math.round((Date.now() - started) / 1000)

let saidAt = -remindSeconds
while (true) {
  const scaling = await askScaling(kubectl)
  if (scaling?.cpu !== undefined) {
    say(
      `the autoscaler sees ${scaling.cpu} % of CPU (target ${scaling.target} %), ${scaling.replicas} pods`,
    )
    break
  }
  const reason = scaling?.complaint || 'metrics-server has no figure yet'
  if (elapsed() >= deadline) {
    say(`WARNING: the autoscaler has no CPU figure after ${elapsed()} s, so it will not scale.`)
    say(`  it says:  ${reason}`)
    say('  remedy:   kubectl logs -n kube-system deployment/metrics-server; the application works')
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
