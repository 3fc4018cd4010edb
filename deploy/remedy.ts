// The commands that a remedy names: each says which cluster it is for, so that pasted it reaches no other.
import { env, platform } from 'node:process'
import { makeUriSecret } from '../manifests/external-database.ts'
import { databaseNamespace, tokenSecret, uriSecret } from '../manifests/names.ts'

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

/** Makes the token's Secret. Nobody but its user does: the scripts would not know which token the clients have. */
export const makeToken = ({ kubectl }: Commands): string =>
  kubectl(`create secret generic ${tokenSecret} --from-literal=token="$(openssl rand -hex 32)"`)

/** What to do about a Secret or ConfigMap that a pod needs, if the kubelet's words name one, else undefined. */
export function missingRemedy(words: string, commands: Commands): string | undefined {
  const [, name] = /\b(?:secret|configmap) "([^"]+)" not found/i.exec(words) ?? []
  if (name === tokenSecret) return makeToken(commands)
  if (name === uriSecret) return commands.kubectl(makeUriSecret)
  return /secret|configmap/i.test(words)
    ? `the settings or the secret are not those of build/: ${commands.deploy('up')} applies them again`
    : undefined
}

/** Where a company's proxy signs with a certificate of its own, in docker's, minikube's or kubectl's words. */
export const certificateRemedy = (words: string): string | undefined =>
  /x509|certificate (?:signed by unknown|verify failed)/i.test(words)
    ? "a proxy that signs with your company's certificate: put that (PEM) into ~/.minikube/certs/, from where minikube's option --embed-certs takes it at a start, and into the system's store for docker, which is then started again"
    : undefined
