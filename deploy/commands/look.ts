// look.ts COMMAND [--name=value]: checks the machine, then prints the facts that decide what a run has to do.
//
// Both scripts decide by these facts alone, before their first command. So a dry run, which asks the same
// questions, prints exactly what a run executes.
import { existsSync, readFileSync } from 'node:fs'
import { cwd, stdout } from 'node:process'
import { minikubeOrder } from '../../manifests/apply-order.ts'
import { application, backup, options } from '../../manifests/names.ts'
import { defaults } from '../../manifests/options.ts'
import {
  ask,
  findObjects,
  getObjects,
  kubectlOf,
  listAt,
  parseJson,
  textAt,
} from '../cluster/kubectl.ts'
import { folderTrouble, platformOf, publishedPort, remoteNote, waysIn } from '../cluster/machine.ts'
import { commandsFor, type Diagnosis, giveUp, renderDiagnosis, say } from '../cluster/report.ts'
import {
  askCluster,
  askProfiles,
  type ClusterState,
  foreignContext,
  readProfile,
} from '../cluster/state.ts'
import { askDocker, type Docker, toolTrouble } from '../cluster/tools.ts'
import { databasePlaceOf, tokenScopeOf } from '../cluster/workload.ts'
import { askImage, imageName, imageTag, isOnEachNode } from '../image/images.ts'
import { type Given, optionFaults, readGiven } from './command-line.ts'

/** In a dry run trouble ends nothing: the commands for a machine without it are still worth reading. */
function stopAt(diagnosis: Diagnosis, { dryRun }: Given): void {
  if (!dryRun) giveUp(diagnosis)
  say(`${renderDiagnosis(diagnosis)}\n  A run would stop here. The commands that would follow:`)
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

/** How the application is reached from here, and what to know about that. */
export function wayTo({ info, engine }: Docker, profile: string): ReturnType<typeof waysIn> {
  const way = waysIn(platformOf(), info, engine)
  if (way === 'away') say(remoteNote(engine, profile))
  return way
}

/** What to tell a person about a cluster without the application. */
export const notDeployed = (profile: string, state: ClusterState, words = ''): Diagnosis => ({
  outcome: 'notDeployed',
  what:
    state === 'running'
      ? `there is no ${application.deployment} in the cluster "${profile}"`
      : `the cluster "${profile}" is ${state === 'half' ? 'half started' : state}`,
  words,
  remedy: commandsFor(profile).deploy('up'),
})

/** What `up` need not do again. A cluster that does not run cannot be asked: then `up` does everything. */
async function askWhatIsThere(profile: string, state: ClusterState, image: string) {
  if (state !== 'running') return ['metrics=unknown', 'loaded=unknown']
  const [addons, { loaded }, found] = await Promise.all([
    ask('minikube', ['addons', 'list', '-p', profile, '-o', 'json']),
    askImage(profile, image),
    getObjects(kubectlOf(profile), 'nodes'),
  ])
  const metrics = textAt(parseJson(addons.out), 'metrics-server', 'Status')
  // minikube's list is of all nodes together.
  const nodes = listAt(found, 'items')
  const everywhere = nodes.length < 2 || isOnEachNode(nodes, image)
  return [
    `metrics=${metrics === 'enabled' ? 'enabled' : 'disabled'}`,
    `loaded=${loaded === 'yes' && !everywhere ? 'no' : loaded}`,
  ]
}

async function askDeployment({ command, profile }: Given, state: ClusterState): Promise<unknown> {
  if (state !== 'running' || command === 'down') return undefined
  return await getObjects(kubectlOf(profile), 'deployment', application.deployment)
}

/** The options that the last `up` has noted. Nobody needs an answer to remove a cluster whose API cannot be reached. */
async function askNoted({ command, profile }: Given, state: ClusterState): Promise<string> {
  if (state !== 'running' || !['up', 'down'].includes(command)) return ''
  const found = await findObjects(kubectlOf(profile), 'configmap', options)
  return 'object' in found ? textAt(found.object, 'data', 'options') : ''
}

/**
 * Whose the database is, as write-manifests.ts finds it. If only a cluster that does not run would know, it is
 * ours: then all files are named, and the scripts leave out those that were not written.
 */
function placeOfDatabase({ command, value }: Given, deployment: unknown, noted: string): string {
  // What was asked for and does not exist yet cannot be removed.
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

if (import.meta.main) stdout.write(`${(await factsOf(readGiven())).join('\n')}\n`)
