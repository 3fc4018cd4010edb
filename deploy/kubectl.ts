// kubectl on this cluster and no other: the context is named in every call.
import { databaseNamespace } from '../manifests/names.ts'
import { parse } from './json.ts'
import { commandsFor } from './remedy.ts'
import { type Diagnosis, giveUp } from './report.ts'
import { type Answer, ask } from './tool.ts'

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

/** A question that failed, in kubectl's own words. */
export const cannotAsk = (profile: string, words: string): Diagnosis => ({
  outcome: 'unexpected',
  what: `kubectl cannot ask the cluster "${profile}"`,
  words,
  remedy: remedyFor(profile, words),
})

function remedyFor(profile: string, words: string): string {
  const { kubectl, minikube } = commandsFor(profile)
  if (/proxy|unable to connect.*forbidden/is.test(words)) {
    return `a proxy stands between: add the address that ${minikube('ip')} prints to NO_PROXY`
  }
  if (/unauthorized|must be logged in|x509|certificate|context .*not exist/i.test(words)) {
    return `${minikube('update-context')} writes this cluster into the file that KUBECONFIG names, and makes it the current context`
  }
  return /forbidden/i.test(words) ? kubectl('auth can-i --list') : minikube('status')
}
