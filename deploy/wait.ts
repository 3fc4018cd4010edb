// wait.ts WORKLOAD: waits until a rollout is complete.
import { readArguments } from './arguments.ts'
import { giveUp } from './report.ts'
import { waitForRollout } from './wait-rollout.ts'
import { workloadOf } from './workload.ts'

const { profile, words, value } = readArguments([], ['deadline'])
const [word = ''] = words
const workload = workloadOf(word)
if (workload === undefined) {
  giveUp({ outcome: 'usage', what: `${word} is no workload`, remedy: 'wait.ts deployment/NAME' })
}
await waitForRollout(profile, workload, Number(value('deadline') ?? 180))
