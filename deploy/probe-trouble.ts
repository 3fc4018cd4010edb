// A probe that asks for a path which the application does not have: the pod would never be ready.
import { list, text } from './json.ts'
import type { Commands } from './remedy.ts'
import type { Trouble } from './trouble.ts'
import { eventsOf, isReady, nameOf } from './workload.ts'

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
