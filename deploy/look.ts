// look.ts WORD: checks the machine, then prints the facts that decide what a run has to do.
//
// Both scripts decide by these facts before their first command, and by nothing later. So a dry run,
// which asks the same questions, prints exactly what a run executes.
import { existsSync } from 'node:fs'
import { cwd, exit, stdout } from 'node:process'
import { application } from '../manifests/names.ts'
import { defaults, readCommandLine } from '../manifests/options.ts'
import { awayNote, publishedPort, waysIn } from './access.ts'
import { readArguments } from './arguments.ts'
import { askDocker, toolTrouble } from './check-tools.ts'
import { askImage } from './cluster-images.ts'
import { askCluster, type ClusterState } from './cluster-state.ts'
import { foreignContext } from './foreign-context.ts'
import { imageName, imageTag } from './image-tag.ts'
import { parse, text } from './json.ts'
import { kubectlOf } from './kubectl.ts'
import { folderTrouble, platformOf } from './platform.ts'
import { profileTrouble } from './profile.ts'
import { unreachable } from './proxy.ts'
import { type Diagnosis, giveUp, render, say } from './report.ts'
import { ask } from './tool.ts'

const { profile, words, flag, value } = readArguments(
  ['dry-run'],
  ['also', 'node-port', 'replicas', 'cpu', 'scale-down-window'],
)
const [word = 'up'] = words
const dryRun = flag('dry-run')
const platform = platformOf()
const needsApplication = !['up', 'down', 'push'].includes(word)

/** In a dry run trouble ends nothing: the commands for a machine without it are still worth reading. */
function trouble(diagnosis: Diagnosis): void {
  if (!dryRun) giveUp(diagnosis)
  say(`${render(diagnosis)}\n  A run would stop here. The commands that would follow:`)
}

function checkManifestOptions(): void {
  const given = ['node-port', 'replicas', 'cpu', 'scale-down-window'].flatMap((name) => {
    const found = value(name)
    return found === undefined ? [] : [`--${name}=${found}`]
  })
  const line = readCommandLine(given)
  if (line.ask === 'refuse') {
    giveUp({ outcome: 'usage', what: line.faults.join('; '), remedy: './deploy.sh --help' })
  }
}

async function factsOfCluster(state: ClusterState, image: string): Promise<string[]> {
  // Of a cluster that does not run nothing can be asked: a run then does everything, image included.
  if (state !== 'running') return ['metrics=unknown', 'loaded=unknown', 'deployed=unknown']
  const addons = await ask('minikube', ['addons', 'list', '-p', profile, '-o', 'json'])
  const metrics = text(parse(addons.out), 'metrics-server', 'Status')
  const get = ['get', 'deployment', application.deployment, '--ignore-not-found', '-o', 'json']
  const deployed = await kubectlOf(profile)(get)
  if (needsApplication && deployed.code !== 0) trouble(await unreachable(profile, deployed))
  return [
    `metrics=${metrics === 'enabled' ? 'enabled' : 'disabled'}`,
    `loaded=${(await askImage(profile, image)).loaded}`,
    `deployed=${deployed.out.trim() === '' ? 'no' : 'yes'}`,
  ]
}

checkManifestOptions()
const folder = folderTrouble(cwd())
if (folder) trouble(folder)
const tools = await toolTrouble(value('also')?.split(',') ?? [], platform, word)
if (tools) trouble(tools)
const docker = await askDocker(platform)
if (docker.trouble && !tools) trouble(docker.trouble)

const image = `${imageName}:${imageTag('.')}`
if (word === 'push') {
  // It goes to a registry: no cluster is asked.
  await new Promise((resolve) => stdout.write(`image=${image}\n`, resolve))
  exit(0)
}

const [{ state, fault }, unfit] = await Promise.all([
  askCluster(profile, word),
  word === 'up' ? profileTrouble(profile) : undefined,
])
const unusable = state === 'absent' ? await foreignContext(profile) : (unfit ?? fault)
if (unusable) trouble(unusable)
const nodePort = Number(value('node-port') ?? defaults.nodePort)
const way = waysIn(platform, docker.info, docker.engine)
if (way === 'away') say(awayNote(docker.engine, profile))
const publish = way === 'tunnel' && state === 'absent' ? await publishedPort(nodePort) : ''
const facts = [
  `cluster=${state}`,
  `image=${image}`,
  `publish=${publish}`,
  `secret=${existsSync('build/mongo-secret.yaml') ? 'kept' : 'unknown'}`,
  `tunnel=${way === 'direct' ? 'no' : 'yes'}`,
  ...(await factsOfCluster(state, image)),
]
if (needsApplication && !dryRun && !facts.includes('deployed=yes')) {
  giveUp({
    outcome: 'notDeployed',
    what:
      state === 'running'
        ? `there is no ${application.deployment} in the cluster "${profile}"`
        : `the cluster "${profile}" is ${state === 'half' ? 'half started' : state}`,
    remedy: './deploy.sh up (Windows: ./deploy.ps1 up)',
  })
}
stdout.write(`${facts.join('\n')}\n`)
