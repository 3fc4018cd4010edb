// wait.ts WORKLOAD: waits until a rollout is complete; shows progress, and ends early when it is hopeless.
//
// `kubectl rollout status` alone says nothing for minutes about an image that cannot be pulled.
import { setTimeout as sleep } from 'node:timers/promises'
import { readArguments } from './arguments.ts'
import { list } from './json.ts'
import { get, kubectlOf } from './kubectl.ts'
import { passwordTrouble, unready } from './password.ts'
import { giveUp, say } from './report.ts'
import { type Trouble, troubleOf } from './trouble.ts'
import { newestPods, progressOf, workloadOf } from './workload.ts'

const pollMs = 1500
const remindSeconds = 15
// A pod that is not ready for this long is asked why: its log, not only its state.
const askLogSeconds = 12
const logTail = '100'

const { profile, words, value } = readArguments([], ['deadline'])
const [word = ''] = words
const workload = workloadOf(word)
if (workload === undefined) {
  giveUp({ outcome: 'usage', what: `${word} is no workload`, remedy: 'wait.ts deployment/NAME' })
}
const deadline = Number(value('deadline') ?? 180)
const kubectl = kubectlOf(profile)
const started = Date.now()
const elapsed = () => Math.round((Date.now() - started) / 1000)

async function logOf(pod: string, ...more: string[]): Promise<string> {
  const answer = await kubectl(['logs', pod, `--tail=${logTail}`, ...more])
  return answer.code === 0 ? answer.out : ''
}

async function end(trouble: Trouble): Promise<never> {
  const { pod = '', container = '', previous = false } = trouble.logOf ?? {}
  const of = container === '' ? [] : ['-c', container]
  const asked = pod === '' ? '' : await logOf(pod, ...of, ...(previous ? ['--previous'] : []))
  // --previous has nothing once the kubelet has cleaned up.
  const log = asked === '' && previous ? await logOf(pod, ...of) : asked
  giveUp({ ...trouble, log: log.split('\n').filter((line) => line !== '') })
}

const snapshot = async () =>
  list(await get(kubectl, 'deployments,statefulsets,replicasets,pods,events'), 'items')

let said = ''
let saidAt = 0
let last: { trouble: Trouble; since: number } | undefined
while (true) {
  const items = await snapshot()
  const progress = progressOf(workload, items)
  if (progress.complete) {
    say(`${word}: ${progress.line} (${elapsed()} s)`)
    break
  }
  const waiting = unready(newestPods(workload, items))
  const trouble =
    troubleOf(workload, items) ??
    (waiting !== undefined && elapsed() >= askLogSeconds
      ? passwordTrouble(waiting, await logOf(waiting))
      : undefined)
  if (trouble === undefined) last = undefined
  else if (last?.trouble.outcome !== trouble.outcome) last = { trouble, since: Date.now() }
  if (trouble && last && Date.now() - last.since >= trouble.patience * 1000) await end(trouble)

  const line = trouble ? `${progress.line}; ${trouble.what}` : progress.line
  if (line !== said || elapsed() - saidAt >= remindSeconds) {
    say(`${word}: ${line} (${elapsed()} s of at most ${deadline})`)
    said = line
    saidAt = elapsed()
  }
  if (elapsed() >= deadline) {
    await end({
      ...(last?.trouble ?? {
        outcome: 'deadline',
        what: `${word} is not ready after ${deadline} s: ${progress.line}`,
        remedy: './deploy.sh status, and ./deploy.sh logs (Windows: ./deploy.ps1)',
      }),
      patience: 0,
      ...(waiting === undefined || last?.trouble.logOf
        ? {}
        : { logOf: { pod: waiting, container: '', previous: false } }),
    })
  }
  await sleep(pollMs)
}
