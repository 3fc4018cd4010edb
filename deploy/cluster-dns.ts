// Whether kubectl reaches the cluster, and whether names resolve in it: its DNS is what starts last.
//
// An API server without a scheduler says Running too, and every pod would wait for ever.
import { setTimeout as sleep } from 'node:timers/promises'
import { list, number, parse, text } from './json.ts'
import { unreachable } from './proxy.ts'
import { commandsFor } from './remedy.ts'
import type { Diagnosis } from './report.ts'
import { type Answer, ask } from './tool.ts'

// A cluster that was started a moment ago may still wait for its DNS.
const dnsTries = 10
const pauseMs = 2000

/** Asks for CoreDNS. `wanted`: it must run, for what is to be started needs it. */
export async function dnsTrouble(profile: string, wanted: boolean): Promise<Diagnosis | undefined> {
  const kubeSystem = ['-n', 'kube-system', '--context', profile, '-o', 'json']
  const dns = ['get', 'deployment', 'coredns', ...kubeSystem, '--ignore-not-found']
  for (let tries = 1; ; tries++) {
    const found = await ask('kubectl', dns)
    const deployment = parse(found.out)
    // A second try: an API server that was started a moment ago refuses some requests.
    if (found.code !== 0 && (tries > 1 || found.code > 1)) return unreachable(profile, found)
    if (found.code === 0) {
      if (!wanted || (number(deployment, 'status', 'availableReplicas') ?? 0) > 0) return undefined
      if (number(deployment, 'spec', 'replicas') === 0) return scaledToZero(profile)
      if (tries === dnsTries) break
    }
    await sleep(pauseMs)
  }
  return withoutDns(
    profile,
    await ask('kubectl', ['get', 'pods', '-l', 'k8s-app=kube-dns', ...kubeSystem]),
  )
}

const scaledToZero = (profile: string): Diagnosis => ({
  outcome: 'notStarted',
  what: `CoreDNS has 0 replicas in the cluster "${profile}": no name would be found, not even the database's`,
  remedy: commandsFor(profile).kubectl('scale deployment coredns -n kube-system --replicas=1'),
})

/** What to say of CoreDNS' pods, of which none is ready. */
export function withoutDns(profile: string, pods: Answer): Diagnosis {
  const conditions = list(parse(pods.out), 'items').flatMap((pod) =>
    list(pod, 'status', 'conditions'),
  )
  const messages = [...new Set(conditions.map((condition) => text(condition, 'message')))]
  const words = [pods.err, ...messages].filter((line) => line !== '').join('\n')
  const taint = /taint(?:\(s\))? \{([^:}\s]+)/.exec(words)?.[1]
  return {
    outcome: 'notStarted',
    what: `the API server of the cluster "${profile}" runs, and its DNS does not; nothing was changed`,
    words,
    remedy: remedyFor(taint, profile),
  }
}

function remedyFor(taint: string | undefined, profile: string): string {
  const { kubectl, minikube } = commandsFor(profile)
  if (taint === undefined) {
    return `${kubectl('get pods -n kube-system')} shows why; a start that was cut short: ${minikube('stop')}, then ${minikube('start')} (the documents stay)`
  }
  // The node's own: it comes back until its reason is gone.
  return taint.startsWith('node.kubernetes.io/')
    ? `${kubectl('describe nodes')} says why the node has the taint ${taint}`
    : `${kubectl(`taint nodes --all ${taint}-`)} (takes the taint away, if it is not wanted)`
}
