// Why no node takes a pod: a taint, its requests, a volume that is not bound or is on another node.
import { isKind, list, nameOf, text } from '../json.ts'
import { anotherCluster, type Commands } from '../remedy.ts'
import type { Trouble } from './trouble.ts'
import { claimRemedy } from './volume-trouble.ts'

/** The trouble of a pod that waits for a node. */
export function unschedulable(
  pod: unknown,
  items: readonly unknown[],
  commands: Commands,
): Trouble | undefined {
  const condition = list(pod, 'status', 'conditions').find(
    (entry) => text(entry, 'type') === 'PodScheduled' && text(entry, 'status') === 'False',
  )
  if (condition === undefined) return undefined
  const words = text(condition, 'message')
  const unbound = /PersistentVolumeClaim/i.test(words)
  const { why, remedy } = unbound
    ? { why: 'its volume is not bound', remedy: claimRemedy(commands) }
    : blocked(pod, words, items.filter(isKind('Node')), commands)
  return {
    outcome: 'unschedulable',
    what: `no node takes pod ${nameOf(pod)}${why === '' ? '' : `: ${why}`}`,
    words,
    remedy,
    patience: unbound ? 30 : 15,
  }
}

export interface Blocked {
  why: string
  remedy: string
}

function blocked(
  pod: unknown,
  words: string,
  nodes: readonly unknown[],
  commands: Commands,
): Blocked {
  if (/Insufficient (?:cpu|memory|ephemeral-storage)/i.test(words)) {
    return { why: requestsAndRoom(pod, nodes), remedy: roomRemedy(commands) }
  }
  // Of several nodes one has the documents: what keeps the pod from that one is said first.
  const away = /volume(?:'s)? node affinity/i.test(words) && !/taint|unschedulable/i.test(words)
  return away ? awayFromDocuments(commands) : taintOf(nodes, commands)
}

/** Each node has a folder of its own under the volume's path: on another one the pod would find no documents. */
const awayFromDocuments = ({ kubectl, minikube }: Commands): Blocked => ({
  why: 'it can be only on the node that has its documents',
  remedy: `${kubectl('get persistentvolume mongo-volume -o yaml')} names that node, and ${kubectl('get nodes')} how it is; a stopped one: ${minikube('node start NODE')}`,
})

function requestsAndRoom(pod: unknown, nodes: readonly unknown[]): string {
  const amounts = (found: unknown, ...path: (string | number)[]) =>
    ['cpu', 'memory'].map((name) => `${name} ${text(found, ...path, name) || '?'}`).join(', ')
  const asked = list(pod, 'spec', 'containers').map(
    (container) =>
      `${text(container, 'name')} asks for ${amounts(container, 'resources', 'requests')}`,
  )
  const room = nodes.map(
    (node) => `node ${nameOf(node)} has ${amounts(node, 'status', 'allocatable')} for all its pods`,
  )
  return [...asked, ...room].join('; ')
}

const roomRemedy = ({ profile }: Commands) =>
  `ask for less (resources.requests in manifests/), or make ${anotherCluster(profile, ' --cpus 4 --memory 6g')}`

/** The first taint of the nodes, by its name: a newer scheduler says only that there is one. */
export function taintOf(nodes: readonly unknown[], commands: Commands): Blocked {
  const { kubectl } = commands
  for (const node of nodes) {
    const found = list(node, 'spec', 'taints').find((entry) =>
      ['NoSchedule', 'NoExecute'].includes(text(entry, 'effect')),
    )
    if (found === undefined) continue
    const [key, value, effect] = ['key', 'value', 'effect'].map((part) => text(found, part))
    const whole = `${key}${value ? `=${value}` : ''}:${effect}`
    const own = remediesOfTaints[key ?? '']?.(nameOf(node), commands)
    const cluster = key?.startsWith('node.kubernetes.io/') ?? false
    return {
      why: `node ${nameOf(node)} has the taint ${whole}`,
      remedy:
        own ??
        (cluster
          ? `${kubectl(`describe node ${nameOf(node)}`)} says why; Kubernetes takes the taint away with its cause`
          : kubectl(`taint nodes ${nameOf(node)} ${key}:${effect}-`)),
    }
  }
  return { why: '', remedy: kubectl('describe nodes') }
}

const remediesOfTaints: Record<string, (node: string, commands: Commands) => string> = {
  'node.kubernetes.io/unschedulable': (node, { kubectl }) => kubectl(`uncordon ${node}`),
  // Not `docker system prune`: it removes stopped containers, and a stopped cluster is one.
  'node.kubernetes.io/disk-pressure': (_node, { minikube }) =>
    `make room on the disk of docker, for example: docker builder prune; ${minikube('ssh -- df -h /var')} shows it, and the taint goes by itself some minutes later`,
  'node.kubernetes.io/memory-pressure': (_node, { kubectl }) =>
    `less must run on the node: ${kubectl('top pods -A')}; the taint goes by itself`,
}
