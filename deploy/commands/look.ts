// look.ts COMMAND [--name=value]: checks the machine, then prints the facts that decide what a run has to do.
//
// Both scripts decide by these facts before their first command, and by nothing later. So a dry run,
// which asks the same questions, prints exactly what a run executes.
import { existsSync, readFileSync } from 'node:fs'
import { cwd, stdout } from 'node:process'
import { minikubeOrder } from '../../manifests/apply-order.ts'
import { application, backup, options } from '../../manifests/names.ts'
import { defaults } from '../../manifests/options.ts'
import {
  type Answer,
  ask,
  find,
  get,
  kubectlOf,
  list,
  number,
  parse,
  text,
} from '../cluster/kubectl.ts'
import {
  askEngine,
  awayNote,
  type Engine,
  engineTrouble,
  folderTrouble,
  installCommand,
  type Platform,
  platformOf,
  publishedPort,
  startCommand,
  waysIn,
} from '../cluster/machine.ts'
import {
  certificateRemedy,
  commandsFor,
  type Diagnosis,
  giveUp,
  render,
  say,
} from '../cluster/report.ts'
import {
  askCluster,
  askProfiles,
  type ClusterState,
  foreignContext,
  readProfile,
} from '../cluster/state.ts'
import { databasePlaceOf, tokenScopeOf } from '../cluster/workload.ts'
import { askImage, imageName, imageTag, isOnEachNode } from '../image/images.ts'
import { type Given, optionFaults, readGiven } from './command-line.ts'

/** In a dry run trouble ends nothing: the commands for a machine without it are still worth reading. */
function stopAt(diagnosis: Diagnosis, { dryRun }: Given): void {
  if (!dryRun) giveUp(diagnosis)
  say(`${render(diagnosis)}\n  A run would stop here. The commands that would follow:`)
}

/** Checks the options, the folder, the tools and docker's engine. Ends the program if one of them is not good. */
export async function checkMachine(given: Given): Promise<Docker> {
  const { command, profile, value } = given
  const faults = optionFaults(command, given.options)
  if (faults.length > 0) {
    const remedy = commandsFor(profile).deploy('--help')
    giveUp({ outcome: 'usage', what: faults.join('; '), remedy })
  }
  const platform = platformOf()
  const folder = folderTrouble(cwd())
  if (folder) stopAt(folder, given)
  const [tools, docker] = await Promise.all([
    toolTrouble(value('also')?.split(',') ?? [], platform, command),
    askDocker(platform),
  ])
  const trouble = tools ?? docker.trouble
  if (trouble) stopAt(trouble, given)
  return docker
}

/** How the application is reached from here, and what is to be known of that. */
export function wayTo({ info, engine }: Docker, profile: string): ReturnType<typeof waysIn> {
  const way = waysIn(platformOf(), info, engine)
  if (way === 'away') say(awayNote(engine, profile))
  return way
}

/** What a person is told of a cluster without the application. */
export const notDeployed = (profile: string, state: ClusterState, words = ''): Diagnosis => ({
  outcome: 'notDeployed',
  what:
    state === 'running'
      ? `there is no ${application.deployment} in the cluster "${profile}"`
      : `the cluster "${profile}" is ${state === 'half' ? 'half started' : state}`,
  words,
  remedy: commandsFor(profile).deploy('up'),
})

/** What `up` need not do again. Of a cluster that does not run nothing can be asked: then it does everything. */
async function askWhatIsThere(profile: string, state: ClusterState, image: string) {
  if (state !== 'running') return ['metrics=unknown', 'loaded=unknown']
  const [addons, { loaded }, found] = await Promise.all([
    ask('minikube', ['addons', 'list', '-p', profile, '-o', 'json']),
    askImage(profile, image),
    get(kubectlOf(profile), 'nodes'),
  ])
  const metrics = text(parse(addons.out), 'metrics-server', 'Status')
  // minikube's list is of all nodes together.
  const nodes = list(found, 'items')
  const everywhere = nodes.length < 2 || isOnEachNode(nodes, image)
  return [
    `metrics=${metrics === 'enabled' ? 'enabled' : 'disabled'}`,
    `loaded=${loaded === 'yes' && !everywhere ? 'no' : loaded}`,
  ]
}

async function askDeployment({ command, profile }: Given, state: ClusterState): Promise<unknown> {
  if (state !== 'running' || command === 'down') return undefined
  return await get(kubectlOf(profile), 'deployment', application.deployment)
}

/** The options that the last `up` has noted. Nobody needs an answer to remove a cluster whose API cannot be reached. */
async function askNoted({ command, profile }: Given, state: ClusterState): Promise<string> {
  if (state !== 'running' || !['up', 'down'].includes(command)) return ''
  const found = await find(kubectlOf(profile), 'configmap', options)
  return 'object' in found ? text(found.object, 'data', 'options') : ''
}

/**
 * Whose the database is, as write-manifests.ts finds it. Where only a cluster that does not run would know, it is
 * ours: then all files are named, and the scripts leave out those that were not written.
 */
function placeOfDatabase({ command, value }: Given, deployment: unknown, noted: string): string {
  // What was asked for and is nowhere yet is nothing that could be removed.
  const asked = command === 'up' ? askedFor('database') : undefined
  const known = databasePlaceOf(deployment) ?? wordIn(noted, 'database')
  return value('database') ?? asked ?? known ?? 'own'
}

/** The same of the nightly backup. */
const choiceOfBackup = ({ value }: Given, noted: string): string =>
  value('backup') ?? askedFor('backup') ?? wordIn(noted, 'backup') ?? 'nightly'

const wordIn = (options: string, name: string): string | undefined =>
  new RegExp(`--${name}=(\\w+)`).exec(options)?.[1]

/** What `npm run manifests` was asked for and no cluster has yet. Without a parser: npm ci may still have to bring one. */
function askedFor(name: string): string | undefined {
  const made = 'build/mongo-config.yaml'
  const [, asked = ''] =
    /^ {2}asked: (.*)/m.exec(existsSync(made) ? readFileSync(made, 'utf8') : '') ?? []
  return wordIn(asked, name)
}

const needApplication = ['test', 'load', 'open', 'restart', 'rollback', 'dev', 'backup']

async function factsOf(given: Given): Promise<string[]> {
  const { command, profile, value, dryRun } = given
  const docker = await checkMachine(given)
  const image = `${imageName}:${imageTag('.')}`
  // It goes to a registry: no cluster is asked.
  if (command === 'push') return [`image=${image}`]

  const [{ state, fault }, profiles] = await Promise.all([
    askCluster(profile, command),
    command === 'up' ? askProfiles() : undefined,
  ])
  // A cluster that runs is not started: it keeps its Kubernetes.
  const version = state === 'running' ? undefined : value('kubernetes-version')
  const made = profiles && readProfile(profiles, profile, { driver: value('driver'), version })
  if (made?.note) say(made.note)
  const unusable =
    made?.fault ?? fault ?? (state === 'absent' ? await foreignContext(profile) : undefined)
  if (unusable) stopAt(unusable, given)
  const nodePort = Number(value('node-port') ?? defaults.nodePort)
  const way = wayTo(docker, profile)
  const [publish, there, deployment, noted] = await Promise.all([
    way === 'tunnel' && state === 'absent' ? publishedPort(nodePort) : '',
    command === 'up' ? askWhatIsThere(profile, state, image) : [],
    askDeployment(given, state),
    askNoted(given, state),
  ])
  if (needApplication.includes(command) && !dryRun && deployment === undefined) {
    giveUp(notDeployed(profile, state))
  }
  const place = placeOfDatabase(given, deployment, noted)
  const choice = choiceOfBackup(given, noted)
  const order = minikubeOrder.filter(
    ({ ofDatabase, ofBackup }) =>
      (!ofDatabase || place === 'own') && (!ofBackup || choice === 'nightly'),
  )
  return [
    `cluster=${state}`,
    `image=${image}`,
    `publish=${publish}`,
    `tunnel=${way === 'direct' ? 'no' : 'yes'}`,
    ...there,
    `deployed=${deployment === undefined ? 'no' : 'yes'}`,
    `token=${(tokenScopeOf(deployment) ?? 'none') === 'none' ? 'no' : 'yes'}`,
    `database=${place}`,
    `backup=${choice}`,
    ...(place === 'own' ? ['folder=/data/mongodb'] : []),
    ...(choice === 'nightly' ? [`folder=${backup.folder}`] : []),
    ...order.map(
      ({ file, waitFor, deadline }) => `apply=${file} ${waitFor ?? '-'} ${deadline ?? '-'}`,
    ),
  ]
}

// What must be there before anything starts: the tools, new enough, and docker's daemon with enough room.

// minikube 1.33 is the first whose Kubernetes (1.30) knows `preStop: sleep`; kubectl may lag by a few.
const wanted = [
  { tool: 'docker', args: ['--version'], least: '20.10' },
  { tool: 'minikube', args: ['version', '--short'], least: '1.33' },
  { tool: 'kubectl', args: ['version', '--client', '-o', 'json'], least: '1.27' },
]

/** 1.9 GB is minikube's own floor; mongod and two pods of the application need what is above it. */
const leastMemory = 1.9e9
const leastProcessors = 2

/** The first version number in a tool's answer: `v1.34.0-rc.1` is 1.34.0. */
export const versionIn = (answer: string): string => /\d+\.\d+(?:\.\d+)?/.exec(answer)?.[0] ?? ''

/** Whether a version is at least another; by number, so 1.9 is older than 1.27. */
export function atLeast(version: string, least: string): boolean {
  const have = version.split('.').map(Number)
  for (const [index, want] of least.split('.').map(Number).entries()) {
    if ((have[index] ?? 0) !== want) return (have[index] ?? 0) > want
  }
  return true
}

/**
 * Every missing or old tool in one diagnosis, each with the one command that installs it. A push needs
 * docker only.
 */
export async function toolTrouble(
  also: readonly string[],
  platform: Platform,
  command = 'up',
): Promise<Diagnosis | undefined> {
  const others = also.map((tool) => ({ tool, args: ['--version'], least: '0.0' }))
  const needed = wanted.filter(({ tool }) => command !== 'push' || tool === 'docker')
  const found = await Promise.all(
    [...needed, ...others].map(async ({ tool, args, least }) => ({
      tool,
      fault: toolFault(tool, await ask(tool, args), least),
    })),
  )
  const faults = found.flatMap(({ tool, fault }) => {
    if (fault === undefined) return []
    const first = fault.includes('podman') ? 'remove the package podman-docker, then: ' : ''
    return [{ fault, remedy: `${first}${installCommand(tool, platform)}` }]
  })
  if (faults.length === 0) return undefined
  return {
    outcome: 'toolMissing',
    what: faults.map(({ fault }) => fault).join(', '),
    remedy: faults.map(({ remedy }) => remedy).join('\n            '),
  }
}

/** What is wrong with a tool, by what it says of its version. */
export function toolFault(tool: string, answer: Answer, least: string): string | undefined {
  if (answer.code === 127) return `${tool} is missing`
  const version = versionIn(answer.out)
  // The package podman-docker puts podman under docker's name.
  if (tool === 'docker' && /podman/i.test(answer.out + answer.err)) {
    return `docker is podman ${version} under docker's name, and minikube's docker driver needs Docker`
  }
  if (answer.code !== 0) {
    return `${tool} cannot say its version: ${(answer.err || answer.out).trim().split('\n')[0]}`
  }
  if (version === '' || atLeast(version, least)) return undefined
  return `${tool} ${version} is too old: ${least} or newer is needed`
}

export interface Docker {
  engine: Engine
  /** Docker's own account of its engine. */
  info: unknown
  trouble: Diagnosis | undefined
}

/** Docker's engine, or what is wrong with it. */
export async function askDocker(platform: Platform): Promise<Docker> {
  const [engine, answer] = await Promise.all([
    askEngine(),
    ask('docker', ['info', '--format', '{{json .}}'], { seconds: 20 }),
  ])
  const info = parse(answer.out)
  const trouble =
    engineTrouble(engine, platform) ??
    daemonTrouble(answer, info, startCommand(engine, platform)) ??
    sizeTrouble(info)
  return { engine, info, trouble }
}

function daemonTrouble(answer: Answer, info: unknown, start: string): Diagnosis | undefined {
  const errors = list(info, 'ServerErrors').filter((error) => typeof error === 'string')
  if (answer.code === 0 && errors.length === 0) {
    if (text(info, 'OSType') !== 'windows') return undefined
    return {
      outcome: 'dockerDown',
      what: 'docker runs Windows containers, the images here are for Linux',
      remedy: "in Docker Desktop's menu: Switch to Linux containers",
    }
  }
  const words = errors.join('\n') || answer.err || answer.out
  if (/context .*not found/i.test(words)) {
    return {
      outcome: 'dockerDown',
      what: 'docker has no context of the name that it was told to use',
      words,
      remedy: 'docker context use default, and unset DOCKER_CONTEXT; docker context ls names them',
    }
  }
  return {
    outcome: 'dockerDown',
    what: 'the docker daemon does not answer',
    words,
    remedy: /permission denied/i.test(words)
      ? 'sudo usermod -aG docker $USER, then log out and in'
      : (certificateRemedy(words) ?? start),
  }
}

function sizeTrouble(info: unknown): Diagnosis | undefined {
  const memory = number(info, 'MemTotal') ?? leastMemory
  const processors = number(info, 'NCPU') ?? leastProcessors
  if (memory >= leastMemory && processors >= leastProcessors) return undefined
  return {
    outcome: 'tooSmall',
    what: `docker has ${processors} processors and ${(memory / 1e9).toFixed(1)} GB of memory`,
    remedy: `give it ${leastProcessors} processors and 4 GB (Docker Desktop: Settings, Resources)`,
  }
}

if (import.meta.main) stdout.write(`${(await factsOf(readGiven())).join('\n')}\n`)
