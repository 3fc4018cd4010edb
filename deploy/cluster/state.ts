// The state of minikube's cluster in one word, and whether its profile can have the application.
import { env } from 'node:process'
import { type Answer, ask, listAt, parseJson, textAt, valueAt } from './kubectl.ts'
import { dnsTrouble, noProxyLine, serverHost, unreachableTrouble } from './reach.ts'
import { certificateRemedy, commandsFor, contextRemedy, type Diagnosis } from './report.ts'
import { atLeast, versionIn } from './tools.ts'

/**
 * absent: there is none. stopped: it exists. half: its machine runs and its API server does not, as after
 * a Ctrl+C in `minikube start`. paused and running as they say.
 */
export type ClusterState = 'absent' | 'stopped' | 'half' | 'paused' | 'running'

interface Cluster {
  state: ClusterState
  /** Why nothing may be done with it. A dry run goes on with the state. */
  fault: Diagnosis | undefined
}

const noSuchProfile = 85
// Its other codes are sums of three bits: 1 a machine does not run, 2 Kubernetes does not, 4 kubectl's file.
const allBits = 7

const is = (state: ClusterState, fault?: Diagnosis): Cluster => ({ state, fault })

/**
 * Reads an answer of `minikube status -o json`: one object, or a list if there are several nodes. The
 * bits decide nothing: a stopped worker sets them all.
 */
export function readStatus(answer: Answer, profile: string): Cluster {
  const { code, out, err } = answer
  if (code === noSuchProfile || code === 127) return is('absent')
  const found = parseJson(out)
  // `null` is what is said when docker no longer has the machine, and after other faults too.
  if (found === null && (code === allBits || /host does not exist|No such container/.test(err))) {
    return is('stopped')
  }
  const nodes = (Array.isArray(found) ? found : [found]).filter(
    (node) => textAt(node, 'Host') !== '',
  )
  if (code > allBits || nodes.length === 0) return is('stopped', noAnswer(answer, profile))

  const servers = nodes.filter((node) => valueAt(node, 'Worker') !== true)
  const serving = servers.filter(
    (node) =>
      textAt(node, 'Host') === 'Running' && /Running|Paused/.test(textAt(node, 'APIServer')),
  )
  if (serving.some((node) => textAt(node, 'Kubeconfig') === 'Misconfigured')) {
    return is('running', otherKubeconfig(profile))
  }
  if (serving.some((node) => textAt(node, 'APIServer') === 'Paused')) return is('paused')
  if (serving.length > 0 && code === 0) return is('running')
  // Error, Timeout, Starting and the like: only a person can tell what they mean.
  const words = nodes.flatMap((node) => [textAt(node, 'Host'), textAt(node, 'APIServer')])
  const plain = words.every((word) => /^(?:Running|Stopped|Nonexistent|Irrelevant)$/.test(word))
  if (serving.length > 0 || !plain) return is('running', notAllRuns(nodes, profile))
  return is(words.includes('Running') ? 'half' : 'stopped')
}

/** Asks minikube, and for every command that goes on to use kubectl the cluster too. */
export async function askCluster(profile: string, command: string): Promise<Cluster> {
  const answer = await ask('minikube', ['status', '-p', profile, '-o', 'json'])
  const cluster = readStatus(answer, profile)
  if (cluster.fault) return cluster
  if (cluster.state === 'half' && command !== 'down') {
    const fault = await halfTrouble(profile, answer.out)
    return is(fault ? 'running' : 'half', fault)
  }
  // `down` shows kubectl's own words: what it removes is there or not.
  if (cluster.state !== 'running' || command === 'down') return cluster
  return is('running', await dnsTrouble(profile, command === 'up'))
}

/**
 * What minikube calls half may be a server that is slow to answer, or one that only a proxy hides,
 * and `up` would stop it. Undefined if nobody listens, as after a Ctrl+C in `minikube start`.
 */
export async function halfTrouble(profile: string, status: string): Promise<Diagnosis | undefined> {
  // With another cluster's address in kubectl's file that one would answer.
  if (status.includes('"Misconfigured"')) return undefined
  const live = ['get', '--raw=/livez', '--context', profile, '--request-timeout=10s']
  const answer = await ask('kubectl', live)
  if (answer.code === 0) return notAllRuns([parseJson(status)].flat(), profile)
  const host = await serverHost(profile)
  // A dead proxy refuses in the same words.
  const isDown = /refused|does not exist/.test(answer.err) && noProxyLine(host) === undefined
  return isDown ? undefined : unreachableTrouble(profile, answer.err || answer.out, host)
}

function noAnswer({ code, out, err }: Answer, profile: string): Diagnosis {
  const { minikube } = commandsFor(profile)
  // With -o json minikube's own failures are lines of JSON on standard output.
  const said = out.split('\n').map((line) => textAt(parseJson(line), 'data', 'message') || line)
  const words = [...said, err].join('\n').trim()
  return {
    outcome: 'notStarted',
    what: `minikube's status (exit code ${code}) does not say whether the cluster "${profile}" runs; nothing was changed`,
    words,
    remedy:
      certificateRemedy(words) ??
      `${minikube('status')}, once it answers again; its log: ${minikube('logs')}`,
  }
}

function otherKubeconfig(profile: string): Diagnosis {
  const file = env.KUBECONFIG
    ? `KUBECONFIG names ${env.KUBECONFIG}`
    : 'kubectl reads ~/.kube/config'
  return {
    outcome: 'foreign',
    what: `the cluster "${profile}" runs, and kubectl's file has another address for it, or none; nothing was changed`,
    words: `minikube's status: kubeconfig Misconfigured; ${file}`,
    remedy: contextRemedy(profile),
  }
}

const notAllRuns = (nodes: readonly unknown[], profile: string): Diagnosis => ({
  outcome: 'notStarted',
  what: `not all of the cluster "${profile}" runs; nothing was changed`,
  words: nodes
    .map(
      (node) =>
        `${textAt(node, 'Name')}: host ${textAt(node, 'Host')}, kubelet ${textAt(node, 'Kubelet')}, API server ${textAt(node, 'APIServer')}`,
    )
    .join('\n'),
  remedy: nodes.some((node) => textAt(node, 'Host') === 'InsufficientStorage')
    ? `its disk is full: ${commandsFor(profile).minikube('ssh -- df -h /var')}; docker system df says what takes the room`
    : `wait a minute if it was started just now; else: ${commandsFor(profile).minikube('start')} (starts what does not run, stops nothing)`,
})

// Whether minikube's profile can have the application: its driver, its Kubernetes, and that its name is not taken.

/** The first version with `preStop: sleep`, without which a rollout would cut requests. */
const leastKubernetes = '1.30'

/** What `up` was told of a cluster that is to be started. */
export interface Asked {
  driver: string | undefined
  version: string | undefined
}

interface Profile {
  fault: Diagnosis | undefined
  /** What to know about it, though it stops nothing. */
  note: string
}

/** Asks minikube for its profiles; `-l` does not ask each cluster. */
export const askProfiles = (): Promise<Answer> =>
  ask('minikube', ['profile', 'list', '-l', '-o', 'json'])

/** Reads the answer; a profile that is not in it is still to be made. */
export function readProfile(answer: Answer, profile: string, asked: Asked): Profile {
  if (answer.code !== 0) return { fault: noProfileAnswer(answer, profile), note: '' }
  const profiles = parseJson(answer.out)
  const config = [...listAt(profiles, 'valid'), ...listAt(profiles, 'invalid')].find(
    (entry) => textAt(entry, 'Name') === profile,
  )
  const driver = textAt(config, 'Config', 'Driver')
  const version = versionIn(
    asked.version ?? textAt(config, 'Config', 'KubernetesConfig', 'KubernetesVersion'),
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

function noProfileAnswer({ code, out, err }: Answer, profile: string): Diagnosis | undefined {
  // That minikube is missing has been said.
  if (code === 127) return undefined
  return {
    outcome: 'notStarted',
    what: `minikube profile list ended with ${code}: what "${profile}" was made with is not known`,
    words: err || out,
    remedy: 'minikube profile list, once it answers again',
  }
}

/** Whether `kubectl config view -o json` names a context. */
const hasContext = (config: string, name: string): boolean =>
  listAt(parseJson(config), 'contexts').some((context) => textAt(context, 'name') === name)

/**
 * Asked only if minikube has no such profile: `minikube start` would write over the context. The
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
