// kubectl on this cluster and no other: the context is named in every call.
import { databaseNamespace } from '../manifests/names.ts'
import { parse } from './json.ts'
import { type Answer, ask } from './tool.ts'

/** On minikube the application and its database share one namespace. */
export const namespace = databaseNamespace

export type Kubectl = (
  args: readonly string[],
  options?: { seconds?: number; input?: string },
) => Promise<Answer>

/** A kubectl bound to a minikube profile, whose context has the profile's name. */
export const kubectlOf =
  (profile: string): Kubectl =>
  ([word = '', ...rest], options) =>
    // Right after the word: what follows a `--` would go to the program in the container.
    ask('kubectl', [word, '-n', namespace, '--context', profile, ...rest], options)

/** The object or list of a `kubectl get`, or undefined where there is none. */
export async function get(kubectl: Kubectl, ...what: string[]): Promise<unknown> {
  const answer = await kubectl(['get', ...what, '--ignore-not-found', '-o', 'json'])
  return answer.code === 0 ? parse(answer.out) : undefined
}
