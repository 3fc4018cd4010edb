// Tells a wrong password from a slow database: the pods run, are not ready, and their logs say why.
import { list, text } from './json.ts'
import type { Trouble } from './trouble.ts'
import { nameOf } from './workload.ts'

/** MongoDB's own sentence, its code's name and number; in any spelling that a driver gives them. */
export const refusesPassword = (log: string): boolean =>
  /authentication failed|AuthenticationFailed|auth(?:entication)? error|\bcode"?:\s*18\b/i.test(log)

/** The first pod that runs and is not ready. */
export function unready(pods: readonly unknown[]): string | undefined {
  const pod = pods.find(
    (entry) =>
      text(entry, 'status', 'phase') === 'Running' &&
      list(entry, 'status', 'conditions').some(
        (condition) => text(condition, 'type') === 'Ready' && text(condition, 'status') === 'False',
      ),
  )
  return pod === undefined ? undefined : nameOf(pod)
}

/** The trouble, with the lines that show it. */
export function passwordTrouble(pod: string, log: string): Trouble | undefined {
  if (!refusesPassword(log)) return undefined
  const lines = log.split('\n').filter(refusesPassword)
  return {
    outcome: 'wrongPassword',
    what: `pod ${pod} runs, and the database refuses its password`,
    words: lines.at(-1) ?? '',
    meaning: 'the database keeps the password of the day its volume was empty; build/ has another',
    remedy:
      'put the old build/mongo-secret.yaml back, or lose the documents: ./deploy.sh down --data, then up',
    patience: 5,
  }
}
