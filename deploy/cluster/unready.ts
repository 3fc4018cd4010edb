// Why a pod runs and is not ready: a wrong password, which only its log tells from a slow database, or a probe
// that asks for a path which the application does not have.
import { makeUriSecret } from '../../manifests/external-database.ts'
import { uriSecret } from '../../manifests/names.ts'
import { list, nameOf, parse, text } from '../json.ts'
import { type Commands, exportLine } from '../remedy.ts'
import type { Trouble } from './trouble.ts'
import { eventsOf, isReady } from './workload.ts'

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

/** The trouble with a database that others run, in the words of the service that cannot use it. */
export function elsewhereTrouble(
  pod: string,
  log: string,
  { kubectl, deploy }: Commands,
): Trouble | undefined {
  const said = log.split('\n').flatMap((line) => {
    const entry = parse(line)
    const message = text(entry, 'msg')
    if (message === 'no connection to the database yet') return [text(entry, 'err', 'message')]
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

// 503 is an application that waits for its database; of 4xx no amount of waiting makes a 200.
const refused = /(startup|liveness|readiness) probe failed: .*statuscode: (4\d\d)/i

/** The probe, with the path that the pod has it ask. */
export function probeTrouble(
  pod: unknown,
  items: readonly unknown[],
  { deploy }: Commands,
): Trouble | undefined {
  if (isReady(pod)) return undefined
  const words = eventsOf(nameOf(pod), items)
    .filter((event) => text(event, 'reason') === 'Unhealthy')
    .map((event) => text(event, 'message'))
    .findLast((message) => refused.test(message))
  const [, kind, code] = refused.exec(words ?? '') ?? []
  if (words === undefined || kind === undefined) return undefined
  const probe = `${kind.toLowerCase()}Probe`
  const paths = list(pod, 'spec', 'containers').map((container) =>
    text(container, probe, 'httpGet', 'path'),
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
