// What keeps a pod's containers and volumes from running: what they wait for in vain, and why one crashes again and again.

import { database } from '../../manifests/names.ts'
import { claimTemplate } from '../../manifests/volume.ts'
import { findObject, listAt, nameOf, numberAt, textAt, valueAt } from './kubectl.ts'
import { type Commands, type Diagnosis, exportLine, missingRemedy } from './report.ts'
import type { Trouble } from './trouble.ts'
import { eventsOf } from './workload.ts'

const pulls = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'])
const creations = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
])
// Two exits may be an accident, and a service may wait for its database by exiting. The third is a loop.
const crashes = 3

/** The first trouble of a pod's containers. */
export function containerTrouble(pod: unknown, commands: Commands): Trouble | undefined {
  const statuses = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
  ]
  for (const status of statuses) {
    const found = waiting(pod, status, commands) ?? crashing(pod, status, commands)
    if (found) return found
  }
  return undefined
}

function waiting(pod: unknown, status: unknown, commands: Commands): Trouble | undefined {
  const reason = textAt(status, 'state', 'waiting', 'reason')
  const words = textAt(status, 'state', 'waiting', 'message')
  const what = `pod ${nameOf(pod)}: container ${textAt(status, 'name')} waits, ${reason}`
  if (pulls.has(reason)) {
    const image = textAt(status, 'image')
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
// stop` are not crashes.
const lostWithMachine = 255

function crashing(
  pod: unknown,
  status: unknown,
  { kubectl, deploy }: Commands,
): Trouble | undefined {
  const restarts = numberAt(status, 'restartCount') ?? 0
  const current = textAt(status, 'state', 'terminated', 'reason') !== ''
  const ended = current ? 'state' : 'lastState'
  const code = numberAt(status, ended, 'terminated', 'exitCode')
  const looping = textAt(status, 'state', 'waiting', 'reason') === 'CrashLoopBackOff'
  if (code === lostWithMachine) return undefined
  if (code === undefined || restarts + (current || looping ? 1 : 0) < crashes) return undefined
  const container = textAt(status, 'name')
  const reason = textAt(status, ended, 'terminated', 'reason')
  const spec = listAt(pod, 'spec', 'containers').find(
    (entry) => textAt(entry, 'name') === container,
  )
  const limit = textAt(spec, 'resources', 'limits', 'memory')
  // The kernel left it no time for a last line.
  const mend =
    reason === 'OOMKilled' ? 'raise its memory limit in manifests/' : 'mend what its last lines say'
  return {
    outcome: 'crashLoop',
    what: `pod ${nameOf(pod)}: container ${container} ended ${restarts + (looping || current ? 1 : 0)} times`,
    words:
      textAt(status, 'state', 'waiting', 'message') ||
      textAt(status, ended, 'terminated', 'message'),
    meaning: exitMeaning(container, code, reason, limit),
    remedy: `${mend}, then ${deploy('up')}; all of them: ${kubectl(`logs ${nameOf(pod)} -c ${container} --previous`)}`,
    patience: 0,
    logOf: { pod: nameOf(pod), container, previous: !current },
  }
}

const general: Record<number, string> = {
  0: 'it ended, as if its work were done',
  126: 'its program is not executable',
  127: 'its program was not found in the image',
  132: 'illegal instruction: its program was built for another processor',
  134: 'it aborted itself',
  137: 'killed: out of memory, or it did not end in time when asked to',
  139: 'segmentation fault',
  143: 'asked to end, and it did',
  255: 'it went with its machine',
}

const ofDatabase: Record<number, string> = {
  1: 'mongod could not start; its last lines say why',
  14: 'mongod met an error it cannot go on with, often a folder it may not write',
  62: 'the data was written by a newer or much older MongoDB than this one',
  100: 'mongod could not open its data: the folder is damaged or not writable',
  132: 'illegal instruction: MongoDB 5 and newer need a processor with AVX',
  139: 'segmentation fault: MongoDB 8 on Linux 6.19 or newer needs GLIBC_TUNABLES=glibc.pthread.rseq=1',
}

const ofApplication: Record<number, string> = {
  1: 'the service ended with an error; its last lines say why',
  2: 'the service found wrong settings; its last lines name each',
}

// Illegal instruction, abort, bus error, killed, segmentation fault: how Node dies without memory.
const endsWithoutMemory = new Set([132, 134, 135, 137, 139])

/**
 * The meaning of an exit code in a container of this project, with its memory limit if that may be the
 * reason. OOMKilled comes from the kernel.
 */
export function exitMeaning(container: string, code: number, reason: string, limit = ''): string {
  if (reason === 'OOMKilled') {
    return `exit code ${code}: it used more memory than its limit${limit && ` of ${limit}`}`
  }
  const application = container === 'app'
  const own = (application ? ofApplication : ofDatabase)[code] ?? general[code]
  const short = application && limit !== '' && endsWithoutMemory.has(code)
  const meaning =
    own && short ? `${own}; Node ends like this if ${limit} of memory are too few` : own
  if (meaning !== undefined) return `exit code ${code}: ${meaning}`
  return code > 128 ? `exit code ${code}: ended by signal ${code - 128}` : `exit code ${code}`
}

// The claim on the database's volume when it is lost or on its way out, and volumes that cannot be mounted.

const claim = `${claimTemplate}-${database.name}-0`

/**
 * The volume is kept when its claim goes, and its folder when the volume goes (`Retain`). But a volume
 * that had a claim takes no other, so all three are made again.
 */
export const claimRemedy = ({ kubectl, deploy }: Commands): string =>
  `${kubectl(`delete statefulset/${database.name} pvc/${claim} pv/mongo-volume --ignore-not-found`)}, then ${deploy('up')} (the documents stay in /data/mongodb of the node). While the application answers, save them first: ${exportLine}`

/** A claim that has lost its volume, or that somebody has deleted under a pod that still uses it. */
export function claimTrouble(items: readonly unknown[], commands: Commands): Diagnosis | undefined {
  const found = findObject(items, 'PersistentVolumeClaim', claim)
  const leaving = valueAt(found, 'metadata', 'deletionTimestamp') !== undefined
  if (!leaving && textAt(found, 'status', 'phase') !== 'Lost') return undefined
  return {
    outcome: 'notWell',
    what: leaving
      ? `the claim ${claim} was deleted: it goes with the pod of the database, which then finds no volume`
      : `the claim ${claim} has lost its volume`,
    remedy: claimRemedy(commands),
  }
}

// A volume that cannot be mounted shows in events only; the pod says no more than ContainerCreating.
const reasons = ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox']

/** The last such event of a pod whose containers are still being created. */
export function mountTrouble(
  pod: unknown,
  items: readonly unknown[],
  commands: Commands,
): Trouble | undefined {
  const creating = listAt(pod, 'status', 'containerStatuses').some(
    (status) => textAt(status, 'state', 'waiting', 'reason') === 'ContainerCreating',
  )
  if (!creating) return undefined
  const event = eventsOf(nameOf(pod), items).findLast((entry) =>
    reasons.includes(textAt(entry, 'reason')),
  )
  if (event === undefined) return undefined
  const words = textAt(event, 'message')
  const { kubectl, minikube } = commands
  return {
    outcome: 'container',
    what: `pod ${nameOf(pod)} cannot get its volumes or its network: ${textAt(event, 'reason')}`,
    words,
    remedy: /hostPath|\/data\/(?:mongodb|backups)/.test(words)
      ? `make the folder: ${minikube(`ssh -- sudo install -d -o 999 -g 999 ${/\/data\/\w+/.exec(words)?.[0] ?? '/data/mongodb'}`)}`
      : (missingRemedy(words, commands) ?? kubectl(`describe pod ${nameOf(pod)}`)),
    patience: 30,
  }
}
