// What minikube says of its cluster, in one word.
import { setTimeout as sleep } from 'node:timers/promises'
import { number, parse, text } from './json.ts'
import { ask } from './tool.ts'

/**
 * absent: there is none. stopped: it exists. half: its machine runs, and not all of Kubernetes does, as
 * after a Ctrl+C in `minikube start`. paused and running as they say.
 */
export type ClusterState = 'absent' | 'stopped' | 'half' | 'paused' | 'running'

const noSuchProfile = 85

/** Reads an answer of `minikube status -o json`; its exit code is a sum of bits, 85 for no profile. */
export function clusterState(code: number, out: string): ClusterState {
  if (code === noSuchProfile || code === 127) return 'absent'
  const status = parse(out)
  if (text(status, 'Host') !== 'Running') return 'stopped'
  const api = text(status, 'APIServer')
  if (api === 'Paused') return 'paused'
  return api === 'Running' && code === 0 ? 'running' : 'half'
}

// A cluster that was started a moment ago may still wait for its DNS.
const dnsTries = 10
const dnsPauseMs = 2000

/**
 * Asks minikube, and the cluster too: an API server without a scheduler says Running, and every pod
 * would wait for ever. Its DNS is the last thing that `minikube start` waits for.
 */
export async function askClusterState(profile: string): Promise<ClusterState> {
  const answer = await ask('minikube', ['status', '-p', profile, '-o', 'json'])
  const state = clusterState(answer.code, answer.out)
  if (state !== 'running') return state
  const dns = ['get', 'deployment', 'coredns', '-n', 'kube-system', '--context', profile]
  for (let tries = 0; tries < dnsTries; tries++) {
    if (tries > 0) await sleep(dnsPauseMs)
    const found = await ask('kubectl', [...dns, '-o', 'json'])
    if ((number(parse(found.out), 'status', 'availableReplicas') ?? 0) > 0) return 'running'
  }
  return 'half'
}
