// kubectl on this cluster and no other: the context is named in every call.
import { databaseNamespace } from '../../manifests/names.ts'
import { list, parse } from '../json.ts'
import { giveUp } from '../report.ts'
import { type Answer, ask } from '../tool.ts'
import { cannotAsk } from './reach.ts'

/** On minikube the application and its database share one namespace. */
export const namespace = databaseNamespace

export interface Kubectl {
  (args: readonly string[], options?: { seconds?: number; input?: string }): Promise<Answer>
  profile: string
}

/** A kubectl bound to a minikube profile, whose context has the profile's name. */
export const kubectlOf = (profile: string): Kubectl =>
  Object.assign(
    ([word = '', ...rest]: readonly string[], options?: { seconds?: number; input?: string }) =>
      // Right after the word: what follows a `--` would go to the program in the container.
      ask('kubectl', [word, '-n', namespace, '--context', profile, ...rest], options),
    { profile },
  )

/** What a question gave: an object, undefined if there is none, or why it could not be answered. */
export type Found = { object: unknown } | { failure: string }

/** The object or list of a `kubectl get`. A question that fails is not an answer: it says nothing of objects. */
export async function find(kubectl: Kubectl, ...what: string[]): Promise<Found> {
  const answer = await kubectl(['get', ...what, '--ignore-not-found', '-o', 'json'])
  if (answer.code === 0) return { object: parse(answer.out) }
  return { failure: answer.err.trim() || `kubectl ended with ${answer.code} and said nothing` }
}

/** The same for those who cannot go on without an answer: if the question fails, the program ends. */
export async function get(kubectl: Kubectl, ...what: string[]): Promise<unknown> {
  const found = await find(kubectl, ...what)
  return 'object' in found ? found.object : giveUp(cannotAsk(kubectl.profile, found.failure))
}

// Nodes and namespaces belong to no namespace; kubectl gives them all.
// biome-ignore format: by kind, some in a line
const kinds = [
  'deployments', 'statefulsets', 'replicasets', 'services', 'endpointslices', 'hpa', 'pvc',
  'pods', 'events', 'nodes', 'namespaces',
].join(',')

export type Snapshot = { items: unknown[] } | { failure: string }

/** All objects that a wait or a status looks at, in one question, or why kubectl could not tell. */
export async function takeSnapshot(kubectl: Kubectl): Promise<Snapshot> {
  const found = await find(kubectl, kinds)
  return 'failure' in found ? found : { items: list(found.object, 'items') }
}
