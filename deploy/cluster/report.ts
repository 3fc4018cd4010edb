// What a person reads of a run: a failure, its meaning, its exit code, and a remedy that names its cluster.
import { env, exit, platform, stderr } from 'node:process'
import { makeUriSecret } from '../../manifests/external-database.ts'
import { databaseNamespace, tokenSecret, uriSecret } from '../../manifests/names.ts'

export interface Diagnosis {
  outcome: Outcome
  /** One sentence: what is wrong, where. */
  what: string
  /** The kubelet's, the scheduler's or a tool's own words. */
  words?: string
  /** What the container's exit code means. */
  meaning?: string
  /** The last lines that the container wrote. */
  log?: readonly string[]
  /** One thing to do. */
  remedy: string
}

/** A progress or failure message. Standard output is for results only, so `url=$(./deploy.sh)` works. */
export function say(line: string): void {
  stderr.write(`${line}\n`)
}

const logLines = 30

/** The diagnosis as a person reads it, between other lines. */
export const renderDiagnosis = (diagnosis: Diagnosis): string =>
  `\n${describeDiagnosis(diagnosis, 'FAILED')}`

/** The diagnosis from its first line on, which begins with this word. */
export function describeDiagnosis(
  { outcome, what, words, meaning, log, remedy }: Diagnosis,
  word: string,
): string {
  const { code } = exitCodes[outcome]
  const lines = [`${word}: ${what}`]
  if (words) lines.push(`  it says:  ${words.trim().replaceAll('\n', '\n            ')}`)
  if (meaning) lines.push(`  meaning:  ${meaning}`)
  if (log && log.length > 0) {
    const last = log.slice(-logLines)
    lines.push(`  its last ${last.length === 1 ? 'line' : `${last.length} lines`}:`)
    lines.push(...last.map((line) => `    | ${line}`))
  }
  lines.push(`  remedy:   ${remedy}`, `  (exit code ${code}: ${exitCodes[outcome].meaning})`)
  return lines.join('\n')
}

/** Prints the diagnosis and ends the program with its code. */
export function giveUp(diagnosis: Diagnosis): never {
  say(renderDiagnosis(diagnosis))
  exit(exitCodes[diagnosis.outcome].code)
}

/** `45s`, `12m`, `3h`, `9d`, as kubectl writes ages. */
export function age(time: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000))
  if (Number.isNaN(seconds)) return '?'
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`
}

/** Rows as lines, each column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

// The exit codes of deploy.sh and deploy.ps1: the one table that --help of both repeats.

export const exitCodes = {
  done: { code: 0, meaning: 'done' },
  unexpected: { code: 1, meaning: 'an error that is not listed below' },
  usage: { code: 2, meaning: 'an unknown command or a wrong option' },
  declined: { code: 3, meaning: 'not confirmed' },
  toolMissing: { code: 10, meaning: 'a tool is missing or too old' },
  dockerDown: { code: 11, meaning: 'the docker daemon does not answer' },
  tooSmall: { code: 12, meaning: 'docker has too little memory or too few processors' },
  notStarted: { code: 13, meaning: 'minikube did not start' },
  npm: { code: 14, meaning: 'npm ci failed' },
  foreign: { code: 15, meaning: 'the kubectl context belongs to another cluster' },
  build: { code: 20, meaning: 'the image could not be built' },
  notLoaded: { code: 21, meaning: 'the image is not in the cluster' },
  manifests: { code: 22, meaning: 'the manifests could not be written' },
  refused: { code: 23, meaning: 'the cluster refused an object' },
  portTaken: { code: 24, meaning: 'the node port belongs to another Service' },
  notDeployed: { code: 25, meaning: 'the application is not there; up brings it' },
  notWell: { code: 26, meaning: 'the application is there, but not well' },
  unschedulable: { code: 30, meaning: 'no node has room for a pod' },
  imagePull: { code: 31, meaning: 'a pod cannot get its image' },
  crashLoop: { code: 32, meaning: 'a container keeps crashing' },
  wrongPassword: { code: 33, meaning: 'the database refuses the password' },
  container: { code: 34, meaning: 'a container cannot be created: settings, secret or volume' },
  podRefused: { code: 35, meaning: 'the cluster refuses to make the pods' },
  deadline: { code: 36, meaning: 'a wait reached its deadline' },
  noAnswer: { code: 40, meaning: 'the URL does not answer' },
  wrongAnswer: { code: 41, meaning: 'the URL answers, but not as it should' },
  noScaling: { code: 42, meaning: 'the autoscaler did not act in time' },
  failedRequests: { code: 43, meaning: 'requests failed under load' },
  notLoggedIn: { code: 50, meaning: 'not logged in to the registry' },
  push: { code: 51, meaning: 'the push failed' },
  backup: { code: 60, meaning: 'the backup failed; the last good one is there' },
  restore: { code: 61, meaning: 'the restore failed; no document is lost' },
  interrupted: { code: 130, meaning: 'interrupted' },
} as const

export type Outcome = keyof typeof exitCodes

/** The table as --help shows it: `  10  a tool is missing or too old`. */
export const exitCodeLines = (): string[] =>
  Object.values(exitCodes).map(({ code, meaning }) => `  ${`${code}`.padStart(3)}  ${meaning}`)

// The commands that a remedy names: each says which cluster it is for, so that it reaches no other when pasted.

export interface Commands {
  profile: string
  kubectl: (words: string) => string
  minikube: (words: string) => string
  /** The script itself, in the spelling of this machine. */
  deploy: (words: string) => string
}

/** The profile of minikube that the scripts take if no option names one. */
const defaultProfile = 'minikube'

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

/** How to get more room without losing anything: minikube cannot enlarge an existing cluster. */
export const anotherClusterRemedy = (profile: string, words = ''): string =>
  `a cluster beside this one, which keeps its documents: ${commandsFor(`${profile}-2`).deploy(`up${words}`)}`

/** The command that saves the documents before something deletes them; it needs an application that answers. */
export const exportLine = 'npm run export -- backup.ndjson --url URL'

/** Makes the token's Secret. Only its user can: the scripts do not know which token the clients have. */
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

/** What to do if a company's proxy signs with a certificate of its own, in docker's, minikube's, kubectl's or npm's words. */
export function certificateRemedy(words: string): string | undefined {
  if (/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF)/.test(words)) {
    return npmCertificate
  }
  return /x509|certificate (?:signed by unknown|verify failed|problem)/i.test(words)
    ? companyCertificate
    : undefined
}

/** The same for a command whose output is only on the screen. */
export const certificateHint = `if it names x509 or a certificate: ${companyCertificate}`

/** What brings a cluster into kubectl's file, and what else it changes there. */
export const contextRemedy = (profile: string): string =>
  `${commandsFor(profile).minikube('update-context')} (writes the address into the file that KUBECONFIG names, or ~/.kube/config, and makes "${profile}" its current context)`
