// Whether kubectl reaches the cluster, and whether names resolve in it: its DNS is what starts last.
//
// An API server without a scheduler says Running too, and every pod would wait for ever.
import { setTimeout as sleep } from 'node:timers/promises'
import { list, number, parse, text } from './json.ts'
import { unreachable } from './proxy.ts'
import { commandsFor } from './remedy.ts'
import type { Diagnosis } from './report.ts'
import { type Answer, ask } from './tool.ts'
import { taintOf } from './unschedulable.ts'

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
  const [pods, nodes] = await Promise.all([
    ask('kubectl', ['get', 'pods', '-l', 'k8s-app=kube-dns', ...kubeSystem]),
    ask('kubectl', ['get', 'nodes', ...kubeSystem]),
  ])
  return withoutDns(profile, pods, list(parse(nodes.out), 'items'))
}

const scaledToZero = (profile: string): Diagnosis => ({
  outcome: 'notStarted',
  what: `CoreDNS has 0 replicas in the cluster "${profile}": no name would be found, not even the database's`,
  remedy: commandsFor(profile).kubectl('scale deployment coredns -n kube-system --replicas=1'),
})

/** What to say of CoreDNS' pods, of which none is ready, on these nodes. */
export function withoutDns(profile: string, pods: Answer, nodes: readonly unknown[]): Diagnosis {
  const conditions = list(parse(pods.out), 'items').flatMap((pod) =>
    list(pod, 'status', 'conditions'),
  )
  const messages = [...new Set(conditions.map((condition) => text(condition, 'message')))]
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
