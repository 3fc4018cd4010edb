// The commands that a remedy names: each says which cluster it is for, so that pasted it reaches no other.
import { env, platform } from 'node:process'
import { databaseNamespace } from '../manifests/names.ts'

export interface Commands {
  profile: string
  kubectl: (words: string) => string
  minikube: (words: string) => string
  /** The script itself, in the spelling of this machine. */
  deploy: (words: string) => string
}

/** The profile of minikube that the scripts take if no option names one. */
export const defaultProfile = 'minikube'

// The scripts say how they were started.
const script = env.DEPLOY_SCRIPT ?? (platform === 'win32' ? './deploy.ps1' : './deploy.sh')

/** The commands for a minikube profile, whose context has the profile's name. */
export const commandsFor = (profile: string): Commands => ({
  profile,
  kubectl: (words) => {
    const elsewhere = / -(?:n|A)\b/.test(words)
    return `kubectl --context ${profile} ${elsewhere ? '' : `-n ${databaseNamespace} `}${words}`
  },
  minikube: (words) => `minikube -p ${profile} ${words}`,
  deploy: (words) =>
    `${script} ${words}${profile === defaultProfile ? '' : ` --profile ${profile}`}`,
})

/** The way to more room that loses nothing: minikube cannot enlarge a cluster that exists. */
export const anotherCluster = (profile: string, words = ''): string =>
  `a cluster beside this one, which keeps its documents: ${commandsFor(`${profile}-2`).deploy(`up${words}`)}`

/** What saves the documents before something that deletes them; it needs an application that answers. */
export const exportLine = 'npm run export -- backup.ndjson --url URL'

/** What brings a cluster into kubectl's file, and what else it changes there. */
export const contextRemedy = (profile: string): string =>
  `${commandsFor(profile).minikube('update-context')} (writes the address into the file that KUBECONFIG names, or ~/.kube/config, and makes "${profile}" its current context)`
