// Keeps `--profile NAME` from taking over a kubectl context of that name that is somebody's real cluster.
import { list, parse, text } from './json.ts'
import type { Diagnosis } from './report.ts'
import { ask } from './tool.ts'

/** Whether `kubectl config view -o json` names a context. */
export const hasContext = (config: string, name: string): boolean =>
  list(parse(config), 'contexts').some((context) => text(context, 'name') === name)

/**
 * Asked only where minikube has no such profile: `minikube start` would write over the context. The
 * name `minikube` itself is minikube's, and may be left over from a cluster that was thrown away.
 */
export async function foreignContext(profile: string): Promise<Diagnosis | undefined> {
  if (profile === 'minikube') return undefined
  const config = await ask('kubectl', ['config', 'view', '-o', 'json'])
  if (config.code !== 0 && config.code !== 127) {
    return {
      outcome: 'foreign',
      what: `kubectl cannot read its file: whether "${profile}" is another's cluster is not known`,
      words: config.err,
      remedy: 'mend that file, or name another: KUBECONFIG=FILE',
    }
  }
  if (!hasContext(config.out, profile)) return undefined
  return {
    outcome: 'foreign',
    what: `kubectl has a context "${profile}", and minikube has no profile of that name`,
    remedy: `choose another --profile, or if it is a leftover: kubectl config delete-context ${profile} (forgets the way to that cluster)`,
  }
}
