// Whether minikube's profile can have the application: its driver, its Kubernetes, and that its name is nobody else's.
import { atLeast, versionIn } from '../check-tools.ts'
import { list, parse, text } from '../json.ts'
import { commandsFor } from '../remedy.ts'
import type { Diagnosis } from '../report.ts'
import { type Answer, ask } from '../tool.ts'

/** The first with `preStop: sleep`, without which a rollout would cut requests. */
const leastKubernetes = '1.30'

/** What `up` was told of a cluster that is to be started. */
export interface Asked {
  driver: string | undefined
  version: string | undefined
}

export interface Profile {
  fault: Diagnosis | undefined
  /** What is to be known of it, and stops nothing. */
  note: string
}

/** Asks minikube for its profiles; `-l` does not ask each cluster. */
export const askProfiles = (): Promise<Answer> =>
  ask('minikube', ['profile', 'list', '-l', '-o', 'json'])

/** Reads the answer; a profile that is not in it is still to be made. */
export function readProfile(answer: Answer, profile: string, asked: Asked): Profile {
  if (answer.code !== 0) return { fault: noAnswer(answer, profile), note: '' }
  const profiles = parse(answer.out)
  const config = [...list(profiles, 'valid'), ...list(profiles, 'invalid')].find(
    (entry) => text(entry, 'Name') === profile,
  )
  const driver = text(config, 'Config', 'Driver')
  const version = versionIn(
    asked.version ?? text(config, 'Config', 'KubernetesConfig', 'KubernetesVersion'),
  )
  const another = `${commandsFor(`${profile}-docker`).deploy('up')} makes another profile, and "${profile}" stays as it is`
  const made = `the profile "${profile}" was made with the driver ${driver}`
  if (driver !== '' && asked.driver !== undefined && asked.driver !== driver) {
    return {
      fault: { outcome: 'notStarted', what: `${made}, which stays`, remedy: another },
      note: '',
    }
  }
  const note =
    driver === '' || driver === 'docker' ? '' : `Note: ${made}. If that is in the way: ${another}.`
  if (version === '' || atLeast(version, leastKubernetes)) return { fault: undefined, note }
  return {
    note,
    fault: {
      outcome: 'toolMissing',
      what: `Kubernetes ${version} is too old for the application: ${leastKubernetes} or newer is needed`,
      remedy:
        config === undefined
          ? 'up without --kubernetes-version takes the one that minikube knows best'
          : `${another}; or ${commandsFor(profile).minikube('start --kubernetes-version=stable')} (an upgrade in place, for all that runs in it; there is no way back)`,
    },
  }
}

function noAnswer({ code, out, err }: Answer, profile: string): Diagnosis | undefined {
  // That minikube is missing is said already.
  if (code === 127) return undefined
  return {
    outcome: 'notStarted',
    what: `minikube profile list ended with ${code}: what "${profile}" was made with is not known`,
    words: err || out,
    remedy: 'minikube profile list, once it answers again',
  }
}

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
