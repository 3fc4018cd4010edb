// Whether kubectl reaches the cluster, and whether names resolve in it: its DNS starts last.
import { env, platform as nodePlatform } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, ask, listAt, numberAt, parseJson, textAt } from './kubectl.ts'
import type { Diagnosis } from './report.ts'
import { commandsFor, contextRemedy } from './report.ts'
import { taintOf } from './unready.ts'

//
// An API server without a scheduler says Running too, and no pod would ever start.

const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
])

/** What minikube's documents name: its nodes, its Services, this machine. */
const ownRanges = ['192.168.49.0/24', '10.96.0.0/12', '127.0.0.1', 'localhost']

/** The line that keeps the proxy away from a host, or undefined: no proxy is set, or it is kept away already. */
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

/** The host of the API server in kubectl's file; empty if it names none. */
export async function serverHost(profile: string): Promise<string> {
  const view = ['config', 'view', '--minify', '--context', profile, '-o', 'json']
  const server = textAt(
    parseJson((await ask('kubectl', view)).out),
    'clusters',
    0,
    'cluster',
    'server',
  )
  return URL.canParse(server) ? new URL(server).hostname : ''
}

/** Why kubectl does not reach the API server of a cluster that minikube says runs. */
const unreachable = async (profile: string, answer: Answer): Promise<Diagnosis> =>
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
  // Another account or another certificate: some cluster answers, but not this kubeconfig's.
  // If its file has no account kubectl asks a person for one, and nobody answers.
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

/** A question that failed, in kubectl's own words. */
export const cannotAsk = (profile: string, words: string): Diagnosis => ({
  outcome: 'unexpected',
  what: `kubectl cannot ask the cluster "${profile}"`,
  words,
  remedy: remedyFor(profile, words),
})

function remedyFor(profile: string, words: string): string {
  const { kubectl, minikube } = commandsFor(profile)
  if (/proxy|unable to connect.*forbidden/is.test(words)) {
    return `a proxy stands between: add the address that ${minikube('ip')} prints to NO_PROXY`
  }
  if (/unauthorized|must be logged in|x509|certificate|context .*not exist/i.test(words)) {
    return contextRemedy(profile)
  }
  return /forbidden/i.test(words) ? kubectl('auth can-i --list') : minikube('status')
}

// A cluster that was started a moment ago may still wait for its DNS.
const dnsTries = 10
const pauseMs = 2000

/** Asks for CoreDNS. `wanted`: it must run, for what is to be started needs it. */
export async function dnsTrouble(profile: string, wanted: boolean): Promise<Diagnosis | undefined> {
  const kubeSystem = ['-n', 'kube-system', '--context', profile, '-o', 'json']
  const dns = ['get', 'deployment', 'coredns', ...kubeSystem, '--ignore-not-found']
  for (let tries = 1; ; tries++) {
    const found = await ask('kubectl', dns)
    const deployment = parseJson(found.out)
    // A second attempt: an API server that was started a moment ago refuses some requests.
    if (found.code !== 0 && (tries > 1 || found.code > 1)) return unreachable(profile, found)
    if (found.code === 0) {
      if (!wanted || (numberAt(deployment, 'status', 'availableReplicas') ?? 0) > 0)
        return undefined
      if (numberAt(deployment, 'spec', 'replicas') === 0) return scaledToZero(profile)
      if (tries === dnsTries) break
    }
    await sleep(pauseMs)
  }
  const [pods, nodes] = await Promise.all([
    ask('kubectl', ['get', 'pods', '-l', 'k8s-app=kube-dns', ...kubeSystem]),
    ask('kubectl', ['get', 'nodes', ...kubeSystem]),
  ])
  return dnsPodsTrouble(profile, pods, listAt(parseJson(nodes.out), 'items'))
}

const scaledToZero = (profile: string): Diagnosis => ({
  outcome: 'notStarted',
  what: `CoreDNS has 0 replicas in the cluster "${profile}": no name would be found, not even the database's`,
  remedy: commandsFor(profile).kubectl('scale deployment coredns -n kube-system --replicas=1'),
})

/** What to say of CoreDNS' pods on these nodes if none is ready. */
export function dnsPodsTrouble(
  profile: string,
  pods: Answer,
  nodes: readonly unknown[],
): Diagnosis {
  const conditions = listAt(parseJson(pods.out), 'items').flatMap((pod) =>
    listAt(pod, 'status', 'conditions'),
  )
  const messages = [...new Set(conditions.map((condition) => textAt(condition, 'message')))]
  const words = [pods.err, ...messages].filter((line) => line !== '').join('\n')
  const commands = commandsFor(profile)
  const { kubectl, minikube } = commands
  const { why, remedy } = /taint/.test(words)
    ? taintOf(nodes, commands)
    : {
        why: '',
        remedy: `${kubectl('get pods -n kube-system')} shows why; a start that was cut short: ${minikube('stop')}, then ${minikube('start')} (the documents stay)`,
      }
  return {
    outcome: 'notStarted',
    what: `the API server of the cluster "${profile}" runs, and its DNS does not${why && `: ${why}`}; nothing was changed`,
    words,
    remedy,
  }
}
