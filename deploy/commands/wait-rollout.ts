// wait-rollout.ts WORKLOAD: waits until a rollout is complete; shows progress, mends what would block it for good,
// and gives up early if it is hopeless.
//
// `kubectl rollout status` alone says nothing for minutes about an image that cannot be pulled.
import { setTimeout as sleep } from 'node:timers/promises'
import { application, config, secret, tokenSecret, uriSecret } from '../../manifests/names.ts'
import {
  findObjects,
  type Kubectl,
  kubectlOf,
  listAt,
  nameOf,
  takeSnapshot,
  textAt,
} from '../cluster/kubectl.ts'
import { cannotAsk } from '../cluster/reach.ts'
import { type Commands, commandsFor, giveUp, say } from '../cluster/report.ts'
import { type Trouble, troubleOf } from '../cluster/trouble.ts'
import { elsewhereTrouble, firstUnready, passwordTrouble } from '../cluster/unready.ts'
import {
  isAtZero,
  isDatabaseElsewhere,
  isOutdated,
  isReady,
  leastOf,
  newestPods,
  objectOf,
  podsOf,
  progressOf,
  type Workload,
  wordOf,
  workloadOf,
} from '../cluster/workload.ts'
import { readArguments } from './command-line.ts'

const pollMs = 1500
const remindSeconds = 15
// A pod that is not ready for this long is asked why: its log, not only its state.
const askLogSeconds = 12
const logTail = '100'
// The API server may be away for a moment, when it restarts or its machine is busy.
const silencePatience = 30

/** Returns when the rollout is complete; else the program ends with its diagnosis. */
export async function waitForRollout(profile: string, workload: Workload, deadline: number) {
  const kubectl = kubectlOf(profile)
  const commands = commandsFor(profile)
  const word = wordOf(workload)
  const started = Date.now()
  const elapsed = () => Math.round((Date.now() - started) / 1000)

  const logOf = async (pod: string, ...more: string[]): Promise<string> => {
    const answer = await kubectl(['logs', pod, `--tail=${logTail}`, ...more])
    return answer.code === 0 ? answer.out : ''
  }

  const end = async (trouble: Trouble): Promise<never> => {
    const { pod = '', container = '', previous = false } = trouble.logOf ?? {}
    const of = container === '' ? [] : ['-c', container]
    const asked = pod === '' ? '' : await logOf(pod, ...of, ...(previous ? ['--previous'] : []))
    // --previous has nothing once the kubelet has cleaned up.
    const log = asked === '' && previous ? await logOf(pod, ...of) : asked
    giveUp({ ...trouble, log: log.split('\n').filter((line) => line !== '') })
  }

  const mended = new Set<string>()
  const mend = async ({ what, words }: Mend): Promise<void> => {
    mended.add(what)
    say(`${what}\n+ ${commands.kubectl(words.join(' '))}`)
    const answer = await kubectl(words)
    if (answer.code !== 0) {
      giveUp({ outcome: 'refused', what, words: answer.err, remedy: commands.deploy('status') })
    }
  }

  let said = ''
  let saidAt = 0
  const show = (line: string): void => {
    if (line === said && elapsed() - saidAt < remindSeconds) return
    say(`${word}: ${line} (${elapsed()} s of at most ${deadline})`)
    said = line
    saidAt = elapsed()
  }

  const lastingMend = lasting()
  const lastingTrouble = lasting()
  while (true) {
    const snapshot = await takeSnapshot(kubectl)
    const items = 'items' in snapshot ? snapshot.items : []
    const progress =
      'items' in snapshot
        ? progressOf(workload, items)
        : { complete: false, line: 'the cluster does not answer' }
    if (progress.complete) return say(`${word}: ${progress.line} (${elapsed()} s)`)

    const waiting = firstUnready(newestPods(workload, items))
    const asks = waiting !== undefined && elapsed() >= askLogSeconds
    const why = isDatabaseElsewhere(items) ? elsewhereTrouble : passwordTrouble
    const trouble: Trouble | undefined =
      'failure' in snapshot
        ? { ...cannotAsk(profile, snapshot.failure), patience: silencePatience }
        : (troubleOf(workload, items, commands) ??
          gone(workload, items, commands) ??
          (asks ? why(waiting, await logOf(waiting), commands) : undefined))
    const found =
      mendOf(workload, items) ??
      (trouble || asks ? await restartOf(workload, items, kubectl) : undefined)
    const step = found && !mended.has(found.what) ? found : undefined
    if (lastingMend(step?.what) >= (step?.patience ?? 0) && step) {
      await mend(step)
      continue
    }
    if (lastingTrouble(trouble?.outcome) >= (trouble?.patience ?? 0) && trouble) await end(trouble)

    show(trouble ? `${progress.line}; ${trouble.what}` : progress.line)
    if (elapsed() >= deadline) {
      await end({
        ...(trouble ?? {
          outcome: 'deadline',
          what: `${word} is not ready after ${deadline} s: ${progress.line}`,
          remedy: `${commands.deploy('status')}, and ${commands.deploy('logs')}`,
        }),
        patience: 0,
        ...(waiting === undefined || trouble?.logOf
          ? {}
          : { logOf: { pod: waiting, container: '', previous: false } }),
      })
    }
    await sleep(pollMs)
  }
}

/** For a workload that was applied before the wait: if it is missing, somebody has removed it. */
function gone(workload: Workload, items: readonly unknown[], { deploy }: Commands) {
  if (objectOf(workload, items) !== undefined) return undefined
  const what = `there is no ${wordOf(workload)} any more: somebody has removed it`
  return { outcome: 'notDeployed', what, remedy: deploy('up'), patience: 10 } as const
}

/** Returns for how many seconds it has been called with the same text. */
function lasting(): (text: string | undefined) => number {
  let last: string | undefined
  let since = 0
  return (text) => {
    if (text !== last) since = Date.now()
    last = text
    return (Date.now() - since) / 1000
  }
}

async function main(): Promise<void> {
  const { profile, words, value } = readArguments([], ['deadline'])
  const [word = ''] = words
  const workload = workloadOf(word)
  if (workload === undefined) {
    giveUp({
      outcome: 'usage',
      what: `${word} is not a workload`,
      remedy: 'wait-rollout.ts deployment/NAME',
    })
  }
  await waitForRollout(profile, workload, Number(value('deadline') ?? 180))
}

// What a wait does itself, because nothing in the cluster ever would.

interface Mend {
  /** What is done and why, in one sentence. */
  what: string
  /** The arguments of kubectl. */
  words: string[]
  /** Seconds that its reason must last. */
  patience: number
}

/** The step that the objects ask for, or undefined. */
export function mendOf(workload: Workload, items: readonly unknown[]): Mend | undefined {
  if (workload.kind === 'Deployment' && isAtZero(workload, items)) {
    const least = leastOf(workload, items)
    return {
      what: `${wordOf(workload)} was scaled to 0, which switches its autoscaler off: to ${least} again`,
      words: ['scale', wordOf(workload), `--replicas=${least}`],
      patience: 0,
    }
  }
  if (workload.kind !== 'StatefulSet') return undefined
  // A StatefulSet waits for a pod to be ready before it replaces it, even if that can never be.
  const set = objectOf(workload, items)
  const stuck = podsOf(workload, items).find((pod) => isOutdated(pod, set) && !isReady(pod))
  if (stuck === undefined) return undefined
  return {
    what: `pod ${nameOf(stuck)} is of an older version and not ready: deleted, so that the new one can come`,
    words: ['delete', 'pod', nameOf(stuck), '--wait=false'],
    patience: 10,
  }
}

/**
 * New pods, if those that are not ready began before the settings or a secret last changed: a pod
 * keeps what it read at its start, so that a file with the right password would not help. One that found
 * no Secret to mount is asked again by the kubelet, after up to 2 minutes.
 */
async function restartOf(
  workload: Workload,
  items: readonly unknown[],
  kubectl: Kubectl,
): Promise<Mend | undefined> {
  if (workload.name !== application.deployment) return undefined
  const began = newestPods(workload, items)
    .filter((pod) => listAt(pod, 'status', 'containerStatuses').length > 0 && !isReady(pod))
    .map((pod) => textAt(pod, 'metadata', 'creationTimestamp'))
    .sort()[0]
  if (began === undefined) return undefined
  const secrets = [secret, tokenSecret, uriSecret].map((name) => `secret/${name}`)
  const names = [`configmap/${config}`, ...secrets]
  const found = await findObjects(kubectl, ...names, '--show-managed-fields')
  if ('failure' in found) return undefined
  const changed = listAt(found.object, 'items')
    .flatMap((item) => listAt(item, 'metadata', 'managedFields'))
    .map((entry) => textAt(entry, 'time'))
  // Both times are the API server's, so they can be compared as texts.
  if (!changed.some((time) => time > began)) return undefined
  return {
    what: `${wordOf(workload)} has pods that began before its settings or secrets changed: restarted`,
    words: ['rollout', 'restart', wordOf(workload)],
    patience: 0,
  }
}

if (import.meta.main) await main()
