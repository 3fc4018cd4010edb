// Whether an existing profile of minikube can have the application: its driver, its Kubernetes.
import { atLeast, versionIn } from './check-tools.ts'
import { list, parse, text } from './json.ts'
import type { Diagnosis } from './report.ts'
import { type Answer, ask } from './tool.ts'

/** The first with `preStop: sleep`, without which a rollout would cut requests. */
const leastKubernetes = '1.30'

/** Reads `minikube profile list -o json`; a profile that is not in it can still be made as it should be. */
export function readProfile(answer: Answer, profile: string): Diagnosis | undefined {
  if (answer.code !== 0) {
    return {
      outcome: 'notStarted',
      what: `minikube profile list ended with ${answer.code}: what "${profile}" was made with is not known`,
      words: answer.err || answer.out,
      remedy: 'minikube profile list, once it answers again',
    }
  }
  const profiles = parse(answer.out)
  const config = [...list(profiles, 'valid'), ...list(profiles, 'invalid')].find(
    (entry) => text(entry, 'Name') === profile,
  )
  const other = `${profile}-docker`
  const another = `./deploy.sh up --profile ${other} (Windows: ./deploy.ps1 up --profile ${other})`
  const driver = text(config, 'Config', 'Driver')
  if (driver !== '' && driver !== 'docker') {
    return {
      outcome: 'notStarted',
      what: `the profile "${profile}" was made with the driver ${driver}; here it is docker`,
      remedy: `${another}: another profile, and "${profile}" stays as it is`,
    }
  }
  const version = versionIn(text(config, 'Config', 'KubernetesConfig', 'KubernetesVersion'))
  if (version === '' || atLeast(version, leastKubernetes)) return undefined
  return {
    outcome: 'toolMissing',
    what: `the cluster "${profile}" has Kubernetes ${version}: ${leastKubernetes} or newer is needed`,
    remedy: `${another}: another profile, and "${profile}" stays as it is; or minikube start -p ${profile} --kubernetes-version=stable (an upgrade in place, for all that runs in it; there is no way back)`,
  }
}

/** Asks minikube; `-l` does not ask each cluster. */
export const profileTrouble = async (profile: string): Promise<Diagnosis | undefined> =>
  readProfile(await ask('minikube', ['profile', 'list', '-l', '-o', 'json']), profile)
