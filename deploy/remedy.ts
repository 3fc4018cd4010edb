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

const companyCertificate =
  "a proxy that signs with your company's certificate: put that (PEM) into ~/.minikube/certs/, from where minikube's option --embed-certs takes it at a start, and into the system's store for docker, which is then started again"

// Inside a build npm knows nothing of this machine's store. Its file is copied into the build, and not into the image.
const npmCertificate =
  'a proxy that signs with your company\'s certificate, which npm in the build does not know: put that (PEM, each new line as \\n) into .npmrc, as ca="-----BEGIN CERTIFICATE-----\\n..."'

/** Where a company's proxy signs with a certificate of its own, in docker's, minikube's, kubectl's or npm's words. */
export function certificateRemedy(words: string): string | undefined {
  if (/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF)/.test(words)) {
    return npmCertificate
  }
  return /x509|certificate (?:signed by unknown|verify failed|problem)/i.test(words)
    ? companyCertificate
    : undefined
}

/** The same for a command whose words are on the screen only. */
export const certificateHint = `if it names x509 or a certificate: ${companyCertificate}`

/** What brings a cluster into kubectl's file, and what else it changes there. */
export const contextRemedy = (profile: string): string =>
  `${commandsFor(profile).minikube('update-context')} (writes the address into the file that KUBECONFIG names, or ~/.kube/config, and makes "${profile}" its current context)`
