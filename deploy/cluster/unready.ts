// Why a pod is not ready: no node takes it, the database refuses its password (which only its log shows), or a probe
// asks for a path that the application does not have.
import { makeUriSecret } from '../../manifests/external-database.ts'
import { uriSecret } from '../../manifests/names.ts'
import { isKind, listAt, nameOf, parseJson, textAt } from './kubectl.ts'
import { claimRemedy } from './pod-trouble.ts'
import { anotherClusterRemedy, type Commands, exportLine } from './report.ts'
import type { Trouble } from './trouble.ts'
import { eventsOf, isReady } from './workload.ts'

/** MongoDB's own sentence, or its code as a name or a number, in any spelling that drivers use. */
export const refusesPassword = (log: string): boolean =>
  /authentication failed|AuthenticationFailed|auth(?:entication)? error|\bcode"?:\s*18\b/i.test(log)

/** The first pod that runs and is not ready. */
export function firstUnready(pods: readonly unknown[]): string | undefined {
  const pod = pods.find(
    (entry) => textAt(entry, 'status', 'phase') === 'Running' && !isReady(entry),
  )
  return pod === undefined ? undefined : nameOf(pod)
}

/** The trouble, with the lines that show it. */
export function passwordTrouble(
  pod: string,
  log: string,
  { deploy }: Commands,
): Trouble | undefined {
  if (!refusesPassword(log)) return undefined
  const line = log.split('\n').findLast(refusesPassword) ?? ''
  return {
    outcome: 'wrongPassword',
    what: `pod ${pod} runs, and the database refuses its password`,
    // The service logs JSON, perhaps with a stack; the message is what a person reads.
    words: textAt(parseJson(line), 'err', 'message') || textAt(parseJson(line), 'msg') || line,
    meaning:
      'the database keeps the password of the day its volume was empty; the Secret mongo-secret has another',
    remedy: [
      `bring the old build/mongo-secret.yaml back, then ${deploy('up')}`,
      `if it is lost and an older pod still answers, first save the documents: ${exportLine}`,
      `only then ${deploy('down --data')}, which deletes the documents, and ${deploy('up')}`,
    ].join('\n            '),
    patience: 5,
  }
}

/** The trouble with a database that others run, in the words of the service that cannot use it. */
export function elsewhereTrouble(
  pod: string,
  log: string,
  { kubectl, deploy }: Commands,
): Trouble | undefined {
  const said = log.split('\n').flatMap((line) => {
    const entry = parseJson(line)
    const message = textAt(entry, 'msg')
    if (message === 'no connection to the database yet') return [textAt(entry, 'err', 'message')]
    return message.startsWith('store: ') ? [message.slice('store: '.length)] : []
  })
  const words = said.at(-1) ?? ''
  if (words === '' || words === 'ok') return undefined
  return {
    outcome: refusesPassword(words) ? 'wrongPassword' : 'container',
    what: `pod ${pod} runs, and cannot use the database that the Secret ${uriSecret} leads to`,
    words,
    meaning: 'the database is not part of this cluster: whoever runs it knows its state',
    remedy: [
      `if the string is wrong: ${kubectl(`delete secret ${uriSecret}`)}; ${kubectl(makeUriSecret)}; ${deploy('restart')}`,
      `if it does not answer: does it let this cluster in, and is it at port 27017? Else ${deploy('up --database-cidr ITS-ADDRESSES')}`,
    ].join('\n            '),
    patience: 20,
  }
}

// 503 is an application that waits for its database; no amount of waiting makes a 4xx a 200.
const refused = /(startup|liveness|readiness) probe failed: .*statuscode: (4\d\d)/i

/** The probe, with the path that the pod has it ask. */
export function probeTrouble(
  pod: unknown,
  items: readonly unknown[],
  { deploy }: Commands,
): Trouble | undefined {
  if (isReady(pod)) return undefined
  const words = eventsOf(nameOf(pod), items)
    .filter((event) => textAt(event, 'reason') === 'Unhealthy')
    .map((event) => textAt(event, 'message'))
    .findLast((message) => refused.test(message))
  const [, kind, code] = refused.exec(words ?? '') ?? []
  if (words === undefined || kind === undefined) return undefined
  const probe = `${kind.toLowerCase()}Probe`
  const paths = listAt(pod, 'spec', 'containers').map((container) =>
    textAt(container, probe, 'httpGet', 'path'),
  )
  const path = paths.find((found) => found !== '') ?? 'its path'
  return {
    outcome: 'notWell',
    what: `the ${probe} of pod ${nameOf(pod)} asks for ${path} and gets ${code}`,
    words,
    remedy: `mend the path in manifests/application-container.ts, then ${deploy('up')}`,
    patience: 10,
  }
}

// Why no node takes a pod: a taint, its requests, a volume that is not bound or is on another node.

/** The trouble of a pod that waits for a node. */
export function unschedulable(
  pod: unknown,
  items: readonly unknown[],
  commands: Commands,
): Trouble | undefined {
  const condition = listAt(pod, 'status', 'conditions').find(
    (entry) => textAt(entry, 'type') === 'PodScheduled' && textAt(entry, 'status') === 'False',
  )
  if (condition === undefined) return undefined
  const words = textAt(condition, 'message')
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

interface Blocked {
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
  // One of several nodes has the documents: what keeps the pod from that one is said first.
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
    ['cpu', 'memory'].map((name) => `${name} ${textAt(found, ...path, name) || '?'}`).join(', ')
  const asked = listAt(pod, 'spec', 'containers').map(
    (container) =>
      `${textAt(container, 'name')} asks for ${amounts(container, 'resources', 'requests')}`,
  )
  const room = nodes.map(
    (node) => `node ${nameOf(node)} has ${amounts(node, 'status', 'allocatable')} for all its pods`,
  )
  return [...asked, ...room].join('; ')
}

const roomRemedy = ({ profile }: Commands) =>
  `ask for less (resources.requests in manifests/), or make ${anotherClusterRemedy(profile, ' --cpus 4 --memory 6g')}`

/** The first taint of the nodes, by its name: a newer scheduler says only that there is one. */
export function taintOf(nodes: readonly unknown[], commands: Commands): Blocked {
  const { kubectl } = commands
  for (const node of nodes) {
    const found = listAt(node, 'spec', 'taints').find((entry) =>
      ['NoSchedule', 'NoExecute'].includes(textAt(entry, 'effect')),
    )
    if (found === undefined) continue
    const [key, value, effect] = ['key', 'value', 'effect'].map((part) => textAt(found, part))
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
    `make room on the disk of docker, for example: docker builder prune; ${minikube('ssh -- df -h /var')} shows it, and the taint goes some minutes later`,
  'node.kubernetes.io/memory-pressure': (_node, { kubectl }) =>
    `less must run on the node: ${kubectl('top pods -A')}; the taint goes`,
}
