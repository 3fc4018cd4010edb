// What minikube says of its cluster, in one word.
import { parse, text } from './json.ts'
import { ask } from './tool.ts'

/**
 * absent: there is none. stopped: it exists. half: its machine runs and its API server does not, as
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

/** Asks minikube. */
export async function askClusterState(profile: string): Promise<ClusterState> {
  const answer = await ask('minikube', ['status', '-p', profile, '-o', 'json'])
  return clusterState(answer.code, answer.out)
}
