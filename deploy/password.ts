// Tells a wrong password from a slow database: the pods run, are not ready, and their logs say why.
import { parse, text } from './json.ts'
import { type Commands, exportLine } from './remedy.ts'
import type { Trouble } from './trouble.ts'
import { isReady, nameOf } from './workload.ts'

/** MongoDB's own sentence, its code's name and number; in any spelling that a driver gives them. */
export const refusesPassword = (log: string): boolean =>
  /authentication failed|AuthenticationFailed|auth(?:entication)? error|\bcode"?:\s*18\b/i.test(log)

/** The first pod that runs and is not ready. */
export function unready(pods: readonly unknown[]): string | undefined {
  const pod = pods.find((entry) => text(entry, 'status', 'phase') === 'Running' && !isReady(entry))
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
    words: text(parse(line), 'err', 'message') || text(parse(line), 'msg') || line,
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
