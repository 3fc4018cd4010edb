// A namespace that is being removed: nothing new can be made in it, and something may hold it back.
import { setTimeout as sleep } from 'node:timers/promises'
import { databaseNamespace } from '../../manifests/names.ts'
import { at, findObject, list, text } from '../json.ts'
import type { Commands } from '../remedy.ts'
import { type Diagnosis, say } from '../report.ts'
import { find, type Kubectl } from './kubectl.ts'
import type { Trouble } from './trouble.ts'

/** The trouble, with the namespace's own conditions: they name what it waits for. */
export function namespaceTrouble(
  items: readonly unknown[],
  { kubectl, deploy }: Commands,
): Trouble | undefined {
  const found = findObject(items, 'Namespace', databaseNamespace)
  if (at(found, 'metadata', 'deletionTimestamp') === undefined) return undefined
  const words = list(found, 'status', 'conditions')
    .filter((condition) => text(condition, 'status') === 'True')
    .map((condition) => `${text(condition, 'reason')}: ${text(condition, 'message')}`)
    .join('\n')
  const held = /finalizer/i.test(words)
  return {
    outcome: 'refused',
    what: `the namespace ${databaseNamespace} is being removed, and nothing can be made in it`,
    words,
    remedy: held
      ? `take the finalizer that it names off its object (${kubectl('edit KIND/NAME')}), then ${deploy('up')}; the documents stay in /data/mongodb of the node`
      : `wait until it has gone (${kubectl(`wait --for=delete namespace/${databaseNamespace} --timeout=300s`)}), then ${deploy('up')}`,
    // It ends unless a finalizer holds it: the wait goes on to its deadline.
    patience: Number.POSITIVE_INFINITY,
  }
}

const removalDeadline = 120
const pollMs = 2000

/** Waits for the end of a namespace that is being removed, if one is. Returns what holds one that stays. */
export async function awaitNamespace(
  kubectl: Kubectl,
  commands: Commands,
): Promise<Diagnosis | undefined> {
  const began = Date.now()
  let last: Diagnosis | undefined
  while (true) {
    const found = await find(kubectl, 'namespace', databaseNamespace)
    const trouble = 'object' in found ? namespaceTrouble([found.object], commands) : undefined
    if (trouble === undefined && (last === undefined || 'object' in found)) return undefined
    if (last === undefined && trouble) say(`${trouble.what}: waiting for its end\n${trouble.words}`)
    last = trouble ?? last
    if (last && Date.now() - began > removalDeadline * 1000) return last
    await sleep(pollMs)
  }
}
