// What minikube says of its cluster, in one word, or why it cannot be said.
import { env } from 'node:process'
import { dnsTrouble } from './cluster-dns.ts'
import { parse, text } from './json.ts'
import { certificateRemedy } from './proxy.ts'
import type { Diagnosis } from './report.ts'
import { type Answer, ask } from './tool.ts'

/**
 * absent: there is none. stopped: it exists. half: its machine runs and its API server does not, as after
 * a Ctrl+C in `minikube start`. paused and running as they say.
 */
export type ClusterState = 'absent' | 'stopped' | 'half' | 'paused' | 'running'

export interface Cluster {
  state: ClusterState
  /** Why nothing may be done with it. The state is then what a dry run goes on with. */
  fault: Diagnosis | undefined
}

const noSuchProfile = 85
// A sum of bits: 1 the machine does not run, 2 Kubernetes does not, 4 the kubeconfig is another's.
const allBits = 7
const kubeconfigBit = 4

const is = (state: ClusterState, fault?: Diagnosis): Cluster => ({ state, fault })

/** Reads an answer of `minikube status -o json`: one object, or a list where there are several nodes. */
export function readStatus(answer: Answer, profile: string): Cluster {
  const { code, out } = answer
  if (code === noSuchProfile || code === 127) return is('absent')
  const found = parse(out)
  const nodes = (Array.isArray(found) ? found : [found]).filter((node) => text(node, 'Host') !== '')
  // `null` is what is said when docker no longer has the machine: minikube start makes it again.
  if (code === allBits && found === null) return is('stopped')
  if (code > allBits || nodes.length === 0) return is('stopped', noAnswer(answer, profile))

  const values = (field: string) => nodes.map((node) => text(node, field))
  const servers = values('APIServer').filter((server) => server !== 'Irrelevant')
  const serves = servers.some((server) => server === 'Running' || server === 'Paused')
  if (!serves && [...values('Host'), ...servers].every(isPlain)) {
    return is(values('Host').includes('Running') ? 'half' : 'stopped')
  }
  if (serves && ((code & kubeconfigBit) !== 0 || values('Kubeconfig').includes('Misconfigured'))) {
    return is('running', otherKubeconfig(profile))
  }
  if (servers.includes('Paused')) return is('paused')
  if (serves && code === 0) return is('running')
  return is('running', notAllRuns(nodes, profile))
}

// Error, Timeout, Starting and the like are not: what is meant by them only a person can tell.
const isPlain = (word: string) => ['Running', 'Stopped', 'Nonexistent'].includes(word)

/** Asks minikube, and for every word that goes on to use kubectl the cluster too. */
export async function askCluster(profile: string, word: string): Promise<Cluster> {
  const answer = await ask('minikube', ['status', '-p', profile, '-o', 'json'])
  const cluster = readStatus(answer, profile)
  // What `down` removes is there or not: it shows kubectl's own words.
  if (cluster.fault || cluster.state !== 'running' || word === 'down') return cluster
  return is('running', await dnsTrouble(profile, word === 'up'))
}

function noAnswer({ code, out, err }: Answer, profile: string): Diagnosis {
  // With -o json minikube's own failures are lines of JSON on standard output.
  const said = out.split('\n').map((line) => text(parse(line), 'data', 'message') || line)
  const words = [...said, err].join('\n').trim()
  return {
    outcome: 'notStarted',
    what: `minikube status ended with ${code}: whether the cluster "${profile}" runs is not known, so nothing was changed`,
    words,
    remedy:
      certificateRemedy(words) ??
      `minikube status -p ${profile}, once it answers again; its log: minikube logs -p ${profile}`,
  }
}

function otherKubeconfig(profile: string): Diagnosis {
  const file = env.KUBECONFIG
    ? `KUBECONFIG names ${env.KUBECONFIG}`
    : 'kubectl reads ~/.kube/config'
  return {
    outcome: 'foreign',
    what: `the cluster "${profile}" runs, and kubectl's file has another address for it, or none; nothing was changed`,
    words: `minikube status: kubeconfig Misconfigured; ${file}`,
    remedy: `minikube update-context -p ${profile} (writes the address into that file, and makes "${profile}" its current context)`,
  }
}

const notAllRuns = (nodes: readonly unknown[], profile: string): Diagnosis => ({
  outcome: 'notStarted',
  what: `not all of the cluster "${profile}" runs; nothing was changed`,
  words: nodes
    .map(
      (node) =>
        `${text(node, 'Name')}: host ${text(node, 'Host')}, kubelet ${text(node, 'Kubelet')}, API server ${text(node, 'APIServer')}`,
    )
    .join('\n'),
  remedy: `wait a minute if it was started just now; else: minikube start -p ${profile} (starts what does not run, stops nothing)`,
})
