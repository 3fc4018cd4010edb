// Finds in pods and events what keeps a rollout from its end.
import { exitMeaning } from './exit-meaning.ts'
import { list, number, text } from './json.ts'
import type { Diagnosis } from './report.ts'
import { eventsOf, nameOf, newestPods, newestReplicaSet, type Workload } from './workload.ts'

export interface Trouble extends Diagnosis {
  /** Seconds that it must last: a registry may hiccup, a volume binds a moment after its pod. */
  patience: number
  /** Whose log helps, and whether it is the container that ended. */
  logOf?: { pod: string; container: string; previous: boolean }
}

const pulls = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'])
const creations = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
])
// Two ends may be an accident, and a service may wait for its database by ending. The third is a loop.
const crashes = 3

/** The first trouble of a workload's newest pods, or undefined while all is progress. */
export function troubleOf(workload: Workload, items: readonly unknown[]): Trouble | undefined {
  const pods = newestPods(workload, items)
  for (const pod of pods) {
    const trouble = scheduling(pod) ?? containers(pod) ?? volumes(pod, items)
    if (trouble) return trouble
  }
  return pods.length === 0 ? creation(workload, items) : undefined
}

function scheduling(pod: unknown): Trouble | undefined {
  const condition = list(pod, 'status', 'conditions').find(
    (entry) => text(entry, 'type') === 'PodScheduled' && text(entry, 'status') === 'False',
  )
  if (condition === undefined) return undefined
  const words = text(condition, 'message')
  const unbound = /PersistentVolumeClaim/i.test(words)
  return {
    outcome: 'unschedulable',
    what: `no node takes pod ${nameOf(pod)}`,
    words,
    remedy: unbound
      ? 'kubectl get pv,pvc -n mongo; a volume that is Released binds again after: kubectl delete pv mongo-volume'
      : /cpu|memory/i.test(words)
        ? 'give minikube more (minikube delete, minikube start --cpus 4 --memory 6g), or ask for less in manifests/'
        : 'kubectl describe nodes; a cordoned node takes pods again after: kubectl uncordon NODE',
    patience: unbound ? 30 : 15,
  }
}

function containers(pod: unknown): Trouble | undefined {
  const statuses = [
    ...list(pod, 'status', 'initContainerStatuses'),
    ...list(pod, 'status', 'containerStatuses'),
  ]
  for (const status of statuses) {
    const found = waiting(pod, status) ?? crashing(pod, status)
    if (found) return found
  }
  return undefined
}

function waiting(pod: unknown, status: unknown): Trouble | undefined {
  const reason = text(status, 'state', 'waiting', 'reason')
  const words = text(status, 'state', 'waiting', 'message')
  const what = `pod ${nameOf(pod)}: container ${text(status, 'name')} waits, ${reason}`
  if (pulls.has(reason)) {
    const own = text(status, 'image').includes('data-service')
    return {
      outcome: 'imagePull',
      what: `${what} for ${text(status, 'image')}`,
      words,
      remedy: own
        ? 'the image is not in the cluster: ./deploy.sh up loads it (docker and minikube must both run)'
        : /toomanyrequests|rate limit/i.test(words)
          ? 'docker login, docker pull the image, then: minikube image load IMAGE'
          : 'check the network; behind a proxy: minikube start --docker-env HTTPS_PROXY=...',
      patience: own ? 5 : 40,
    }
  }
  if (!creations.has(reason)) return undefined
  return {
    outcome: 'container',
    what,
    words,
    remedy: /secret|configmap/i.test(words)
      ? 'the settings or the secret are not those of build/: ./deploy.sh up applies them again'
      : `kubectl describe pod ${nameOf(pod)} -n mongo`,
    patience: 10,
  }
}

// What the kubelet says of a container that was there before the node stopped: three times `minikube
// stop` are no crash.
const lostWithMachine = 255

function crashing(pod: unknown, status: unknown): Trouble | undefined {
  const restarts = number(status, 'restartCount') ?? 0
  const current = text(status, 'state', 'terminated', 'reason') !== ''
  const ended = current ? 'state' : 'lastState'
  const code = number(status, ended, 'terminated', 'exitCode')
  const looping = text(status, 'state', 'waiting', 'reason') === 'CrashLoopBackOff'
  if (code === lostWithMachine) return undefined
  if (code === undefined || restarts + (current || looping ? 1 : 0) < crashes) return undefined
  const container = text(status, 'name')
  const meaning = exitMeaning(container, code, text(status, ended, 'terminated', 'reason'))
  return {
    outcome: 'crashLoop',
    what: `pod ${nameOf(pod)}: container ${container} ended ${restarts + (looping || current ? 1 : 0)} times`,
    words:
      text(status, 'state', 'waiting', 'message') || text(status, ended, 'terminated', 'message'),
    meaning,
    remedy: `mend what its last lines say, then ./deploy.sh up; all of them: kubectl logs ${nameOf(pod)} -n mongo --previous`,
    patience: 0,
    logOf: { pod: nameOf(pod), container, previous: !current },
  }
}

/** A volume that cannot be mounted shows in events only; the pod just says ContainerCreating. */
function volumes(pod: unknown, items: readonly unknown[]): Trouble | undefined {
  const creating = list(pod, 'status', 'containerStatuses').some(
    (status) => text(status, 'state', 'waiting', 'reason') === 'ContainerCreating',
  )
  if (!creating) return undefined
  const event = eventsOf(nameOf(pod), items).findLast((entry) =>
    ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox'].includes(text(entry, 'reason')),
  )
  if (event === undefined) return undefined
  return {
    outcome: 'container',
    what: `pod ${nameOf(pod)} cannot get its volumes or its network: ${text(event, 'reason')}`,
    words: text(event, 'message'),
    remedy: /hostPath|\/data\/mongodb/.test(text(event, 'message'))
      ? 'make the folder: minikube ssh -- sudo install -d -o 999 -g 999 /data/mongodb'
      : `kubectl describe pod ${nameOf(pod)} -n mongo`,
    patience: 30,
  }
}

/** No pod at all: admission, a quota or Pod Security refused it, and only an event says so. */
function creation(workload: Workload, items: readonly unknown[]): Trouble | undefined {
  const maker =
    workload.kind === 'StatefulSet' ? workload.name : newestReplicaSet(workload.name, items)
  const event = eventsOf(maker, items).findLast((entry) => text(entry, 'reason') === 'FailedCreate')
  if (event === undefined) return undefined
  return {
    outcome: 'podRefused',
    what: `${maker} may not make its pods`,
    words: text(event, 'message'),
    remedy:
      'kubectl get resourcequota,limitrange -n mongo; kubectl get namespace mongo --show-labels',
    patience: 10,
  }
}
