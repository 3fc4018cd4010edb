// What a container of a pod waits for in vain, and one that ends again and again.
import { exitMeaning } from './exit-meaning.ts'
import { list, number, text } from './json.ts'
import { missingRemedy } from './missing-object.ts'
import type { Commands } from './remedy.ts'
import type { Trouble } from './trouble.ts'
import { nameOf } from './workload.ts'

const pulls = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'])
const creations = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
])
// Two ends may be an accident, and a service may wait for its database by ending. The third is a loop.
const crashes = 3

/** The first trouble of a pod's containers. */
export function containerTrouble(pod: unknown, commands: Commands): Trouble | undefined {
  const statuses = [
    ...list(pod, 'status', 'initContainerStatuses'),
    ...list(pod, 'status', 'containerStatuses'),
  ]
  for (const status of statuses) {
    const found = waiting(pod, status, commands) ?? crashing(pod, status, commands)
    if (found) return found
  }
  return undefined
}

function waiting(pod: unknown, status: unknown, commands: Commands): Trouble | undefined {
  const reason = text(status, 'state', 'waiting', 'reason')
  const words = text(status, 'state', 'waiting', 'message')
  const what = `pod ${nameOf(pod)}: container ${text(status, 'name')} waits, ${reason}`
  if (pulls.has(reason)) {
    const image = text(status, 'image')
    const own = image.includes('data-service')
    return {
      outcome: 'imagePull',
      what: `${what} for ${image}`,
      words,
      remedy: pullRemedy(own, image, words, commands),
      patience: own ? 5 : 40,
    }
  }
  if (!creations.has(reason)) return undefined
  return {
    outcome: 'container',
    what,
    words,
    remedy: missingRemedy(words, commands) ?? commands.kubectl(`describe pod ${nameOf(pod)}`),
    patience: 10,
  }
}

function pullRemedy(own: boolean, image: string, words: string, commands: Commands): string {
  const { minikube, deploy } = commands
  const load = minikube(`image load ${image}`)
  if (own) {
    return `the image is not in the cluster: ${deploy('up')} loads it`
  }
  if (/toomanyrequests|rate limit/i.test(words))
    return `docker login; docker pull ${image}; ${load}`
  if (/not found|manifest unknown|invalid reference/i.test(words)) {
    return `no registry has ${image}: mend its name in manifests/, then ${deploy('up')}`
  }
  return `check the network; if docker has it and the node has not: docker pull ${image}; ${load}`
}

// What the kubelet says of a container that was there before the node stopped: three times `minikube
// stop` are no crash.
const lostWithMachine = 255

function crashing(
  pod: unknown,
  status: unknown,
  { kubectl, deploy }: Commands,
): Trouble | undefined {
  const restarts = number(status, 'restartCount') ?? 0
  const current = text(status, 'state', 'terminated', 'reason') !== ''
  const ended = current ? 'state' : 'lastState'
  const code = number(status, ended, 'terminated', 'exitCode')
  const looping = text(status, 'state', 'waiting', 'reason') === 'CrashLoopBackOff'
  if (code === lostWithMachine) return undefined
  if (code === undefined || restarts + (current || looping ? 1 : 0) < crashes) return undefined
  const container = text(status, 'name')
  const reason = text(status, ended, 'terminated', 'reason')
  const spec = list(pod, 'spec', 'containers').find((entry) => text(entry, 'name') === container)
  const limit = text(spec, 'resources', 'limits', 'memory')
  // The kernel gave it no time for a last line.
  const mend =
    reason === 'OOMKilled' ? 'raise its memory limit in manifests/' : 'mend what its last lines say'
  return {
    outcome: 'crashLoop',
    what: `pod ${nameOf(pod)}: container ${container} ended ${restarts + (looping || current ? 1 : 0)} times`,
    words:
      text(status, 'state', 'waiting', 'message') || text(status, ended, 'terminated', 'message'),
    meaning: exitMeaning(container, code, reason, limit),
    remedy: `${mend}, then ${deploy('up')}; all of them: ${kubectl(`logs ${nameOf(pod)} -c ${container} --previous`)}`,
    patience: 0,
    logOf: { pod: nameOf(pod), container, previous: !current },
  }
}
