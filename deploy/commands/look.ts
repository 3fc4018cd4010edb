// look.ts WORD: checks the machine, then prints the facts that decide what a run has to do.
//
// Both scripts decide by these facts before their first command, and by nothing later. So a dry run,
// which asks the same questions, prints exactly what a run executes.
import { argv, cwd, exit, stdout } from 'node:process'
import { minikubeOrder } from '../../manifests/apply-order.ts'
import { application } from '../../manifests/names.ts'
import { defaults } from '../../manifests/options.ts'
import { askDocker, toolTrouble } from '../check-tools.ts'
import { get, kubectlOf } from '../cluster/kubectl.ts'
import { askProfiles, foreignContext, readProfile } from '../cluster/profile.ts'
import { askCluster, type ClusterState } from '../cluster/state.ts'
import { tokenScopeOf } from '../cluster/workload.ts'
import { optionFaults } from '../command-line.ts'
import { awayNote, publishedPort, waysIn } from '../docker-engine.ts'
import { imageName, imageTag } from '../image/image-tag.ts'
import { parse, text } from '../json.ts'
import { folderTrouble, platformOf } from '../platform.ts'
import { commandsFor } from '../remedy.ts'
import { type Diagnosis, giveUp, render, say } from '../report.ts'
import { ask } from '../tool.ts'
import { askImage } from './verify-image.ts'

const given = argv.slice(2).filter((word) => word.startsWith('--'))
const [word = 'up'] = argv.slice(2).filter((word) => !word.startsWith('--'))
const value = (name: string): string | undefined =>
  given.findLast((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3)
const profile = value('profile') ?? 'minikube'
const { deploy } = commandsFor(profile)
const dryRun = given.includes('--dry-run')
const platform = platformOf()

/** In a dry run trouble ends nothing: the commands for a machine without it are still worth reading. */
function trouble(diagnosis: Diagnosis): void {
  if (!dryRun) giveUp(diagnosis)
  say(`${render(diagnosis)}\n  A run would stop here. The commands that would follow:`)
}

async function factsOfCluster(state: ClusterState, image: string): Promise<string[]> {
  // Of a cluster that does not run nothing can be asked: a run then does everything, image included.
  if (state !== 'running') {
    return ['metrics=unknown', 'loaded=unknown', 'deployed=unknown', 'token=no']
  }
  const addons = await ask('minikube', ['addons', 'list', '-p', profile, '-o', 'json'])
  const metrics = text(parse(addons.out), 'metrics-server', 'Status')
  // Nobody needs an answer to remove a cluster whose API cannot be reached.
  const deployed =
    word === 'down'
      ? undefined
      : await get(kubectlOf(profile), 'deployment', application.deployment)
  return [
    `metrics=${metrics === 'enabled' ? 'enabled' : 'disabled'}`,
    `loaded=${(await askImage(profile, image)).loaded}`,
    `deployed=${deployed === undefined ? 'no' : 'yes'}`,
    `token=${(tokenScopeOf(deployed) ?? 'none') === 'none' ? 'no' : 'yes'}`,
  ]
}

const faults = optionFaults(
  word,
  given.filter((text) => !text.startsWith('--also=')),
)
if (faults.length > 0) {
  giveUp({ outcome: 'usage', what: faults.join('; '), remedy: deploy('--help') })
}
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

const [{ state, fault }, profiles] = await Promise.all([
  askCluster(profile, word),
  word === 'up' ? askProfiles() : undefined,
])
// A cluster that runs is not started: it keeps its Kubernetes.
const version = state === 'running' ? undefined : value('kubernetes-version')
const made = profiles && readProfile(profiles, profile, { driver: value('driver'), version })
if (made?.note) say(made.note)
const unusable =
  made?.fault ?? fault ?? (state === 'absent' ? await foreignContext(profile) : undefined)
if (unusable) trouble(unusable)
const nodePort = Number(value('node-port') ?? defaults.nodePort)
const way = waysIn(platform, docker.info, docker.engine)
if (way === 'away') say(awayNote(docker.engine, profile))
const publish = way === 'tunnel' && state === 'absent' ? await publishedPort(nodePort) : ''
const facts = [
  `cluster=${state}`,
  `image=${image}`,
  `publish=${publish}`,
  `tunnel=${way === 'direct' ? 'no' : 'yes'}`,
  ...(await factsOfCluster(state, image)),
  ...minikubeOrder.map(
    ({ file, waitFor, deadline }) => `apply=${file} ${waitFor ?? '-'} ${deadline ?? '-'}`,
  ),
]
const needsApplication = ['test', 'load', 'open', 'restart', 'rollback', 'dev'].includes(word)
if (needsApplication && !dryRun && !facts.includes('deployed=yes')) {
  giveUp({
    outcome: 'notDeployed',
    what:
      state === 'running'
        ? `there is no ${application.deployment} in the cluster "${profile}"`
        : `the cluster "${profile}" is ${state === 'half' ? 'half started' : state}`,
    remedy: deploy('up'),
  })
}
stdout.write(`${facts.join('\n')}\n`)
