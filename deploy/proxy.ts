// What a company's proxy does to a cluster on this machine, and how it is told to leave it alone.
import { env, platform as nodePlatform } from 'node:process'
import { parse, text } from './json.ts'
import { commandsFor, contextRemedy } from './remedy.ts'
import type { Diagnosis } from './report.ts'
import { type Answer, ask } from './tool.ts'

const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
])

/** What minikube's documents name: its nodes, its Services, this machine. */
const ownRanges = ['192.168.49.0/24', '10.96.0.0/12', '127.0.0.1', 'localhost']

/** The line that keeps the proxy away from a host, or undefined: no proxy is set, or it is away already. */
export function noProxyLine(
  host: string,
  variables: NodeJS.ProcessEnv = env,
  system: string = nodePlatform,
): string | undefined {
  if (!proxyNames.some((name) => variables[name])) return undefined
  const now = (variables.NO_PROXY || variables.no_proxy || '').split(/[, ]+/)
  const all = [...new Set([...now, host, ...ownRanges])].filter((part) => part !== '')
  if (all.every((part) => now.includes(part))) return undefined
  const value = all.join(',')
  return system === 'win32' ? `$env:NO_PROXY = '${value}'` : `export NO_PROXY=${value}`
}

/** Where a company's proxy signs with a certificate of its own, in docker's, minikube's or kubectl's words. */
export const certificateRemedy = (words: string): string | undefined =>
  /x509|certificate (?:signed by unknown|verify failed)/i.test(words)
    ? "a proxy that signs with your company's certificate: put that (PEM) into ~/.minikube/certs/, from where minikube's option --embed-certs takes it at a start, and into the system's store for docker, which is then started again"
    : undefined

/** The host of the API server in kubectl's file; empty if it names none. */
export async function serverHost(profile: string): Promise<string> {
  const view = ['config', 'view', '--minify', '--context', profile, '-o', 'json']
  const server = text(
    parse((await ask('kubectl', view)).out),
    ...['clusters', 0, 'cluster', 'server'],
  )
  return URL.canParse(server) ? new URL(server).hostname : ''
}

/** Why kubectl does not reach the API server of a cluster that minikube says runs. */
export const unreachable = async (profile: string, answer: Answer): Promise<Diagnosis> =>
  unreachableTrouble(profile, answer.err || answer.out, await serverHost(profile))

/** The same, from kubectl's words and the host in its file. */
export function unreachableTrouble(
  profile: string,
  words: string,
  host: string,
  variables: NodeJS.ProcessEnv = env,
): Diagnosis {
  const { kubectl, minikube } = commandsFor(profile)
  const line = noProxyLine(host, variables)
  // Another's account or another's certificate: it is some cluster that answers, and not this kubeconfig's.
  // Where its file has no account kubectl asks a person for one, and nobody answers.
  const refused =
    /Unauthorized|must be logged in|x509|from server \(Forbidden\)|^error: EOF$/m.test(words)
  const absent = /context .* does not exist/.test(words)
  const set = proxyNames.filter((name) => variables[name]).join(', ')
  return {
    outcome: refused || absent ? 'foreign' : 'notStarted',
    what: `minikube says that the cluster "${profile}" runs, and kubectl cannot use it; nothing was changed`,
    words,
    remedy: absent
      ? contextRemedy(profile)
      : line !== undefined && !/Unauthorized|must be logged in|from server/.test(words)
        ? `${line} (${set} is set: that proxy does not know the cluster)`
        : refused
          ? `${minikube('start')} (what runs stays as it is; it writes the cluster's entry of kubectl's file again, and makes "${profile}" the current context)`
          : `${kubectl('get pods -A')}, until it answers; minikube's log: ${minikube('logs')}`,
  }
}
