// The whole system as Kubernetes objects. `npm run manifests` writes them to build/ as YAML.
//
//   browser --> Service app-service --> Deployment app-deployment (2 to 5 pods) --> Service mongodb-client
//                                        ^ HorizontalPodAutoscaler                     |
//                                                                     StatefulSet mongodb --> volume
//
// This page is the table of contents: each object is a typed literal in manifests/, with its reasons.
// The compiler checks each against the API's types, the tests check that they fit each other.
import { keptScope } from './manifests/api-token.ts'
import { deploymentOf, serviceOf } from './manifests/application.ts'
import { minikubeOrder } from './manifests/apply-order.ts'
import { autoscalerOf, disruptionBudget } from './manifests/autoscale.ts'
import { backupObjects } from './manifests/backup.ts'
import { type Credentials, credentialsSecret, defaultUser } from './manifests/credentials.ts'
import { clientService, databaseService, databaseSet } from './manifests/database.ts'
import { hostObjects } from './manifests/host.ts'
import { keptChoices, readMadeWith } from './manifests/made-with.ts'
import { alertRules, dashboardMap, podMonitor } from './manifests/monitoring.ts'
import { applicationNamespace, databaseNamespace } from './manifests/names.ts'
import {
  applicationNetwork,
  databaseEgress,
  databaseNetwork,
  denyAll,
  membersNetwork,
} from './manifests/network.ts'
import { nextSteps } from './manifests/next-steps.ts'
import { memberDisruptionBudget, replicaSet } from './manifests/operator.ts'
import { help, readCommandLine, type Settings, type WriteRequest } from './manifests/options.ts'
import { type MadeWith, optionsMap } from './manifests/options-map.ts'
import { namespaceObject } from './manifests/pod-security.ts'
import { settingsMap } from './manifests/settings-map.ts'
import { databaseVolume } from './manifests/volume.ts'
import {
  expectNoCredentials,
  type KubernetesObject,
  keepOrMakeCredentials,
  type ManifestFile,
  OptionFault,
  readAdopted,
  writeFiles,
} from './manifests/write-files.ts'

/**
 * Every file, in the order of application: what others need comes first, and the application only after
 * its database is ready. Without credentials somebody else makes their Secret. `more` is noted with the settings.
 */
export function manifests(
  settings: Settings,
  credentials: Credentials | undefined,
  more: readonly KubernetesObject[] = [],
): ManifestFile[] {
  return [
    ...(settings.target === 'minikube'
      ? minikube(settings, credentials, more)
      : cloud(settings, credentials, more)),
    ...(settings.monitoring ? [monitoring(settings)] : []),
  ]
}

/** One node and one MongoDB, everything in the namespace mongo. */
function minikube(
  settings: Settings,
  credentials: Credentials | undefined,
  more: readonly KubernetesObject[],
): ManifestFile[] {
  const namespace = databaseNamespace
  const config = settingsMap(settings, credentials?.username ?? defaultUser)
  const own = settings.database !== 'external'
  const objects: Readonly<Record<string, readonly KubernetesObject[]>> = {
    'dev-space.yaml': [namespaceObject(namespace)],
    'network.yaml': [
      denyAll(namespace),
      ...(own ? [databaseNetwork] : []),
      applicationNetwork(namespace, databaseEgress(settings)),
    ],
    'mongo-config.yaml': [config, ...more],
    'mongo-secret.yaml': credentials ? [credentialsSecret(credentials)] : [],
    'mongo-volume.yaml': own ? [databaseVolume(settings.storage, settings.volumeNode)] : [],
    'mongo-stateful.yaml': own
      ? [databaseService, clientService, databaseSet(settings.storage)]
      : [],
    'app.yaml': [deploymentOf(settings, config, credentials), serviceOf(settings)],
    'app-autoscale.yaml': [autoscalerOf(settings), disruptionBudget('minikube')],
    'backup.yaml': backupObjects(settings),
  }
  return withObjects(
    minikubeOrder.map(({ file, waitFor }) => ({
      file,
      namespace,
      ...(waitFor ? { waitFor } : {}),
      objects: objects[file] ?? [],
    })),
  )
}

/** Many nodes: the application in a namespace of its own, the database as a replica set of three. */
function cloud(
  settings: Settings,
  credentials: Credentials | undefined,
  more: readonly KubernetesObject[],
): ManifestFile[] {
  const namespace = applicationNamespace.cloud
  const user = credentials?.username ?? defaultUser
  const config = settingsMap(settings, user)
  const own = settings.database !== 'external'
  return withObjects([
    {
      file: 'dev-space.yaml',
      namespace: own ? databaseNamespace : namespace,
      objects: [...(own ? [namespaceObject(databaseNamespace)] : []), namespaceObject(namespace)],
    },
    {
      file: 'network.yaml',
      namespace: databaseNamespace,
      objects: own ? [membersNetwork] : [],
    },
    {
      file: 'app-network.yaml',
      namespace,
      objects: [denyAll(namespace), applicationNetwork(namespace, databaseEgress(settings))],
    },
    { file: 'mongo-config.yaml', namespace, objects: [config, ...more] },
    {
      file: 'mongo-secret.yaml',
      namespace: databaseNamespace,
      objects: credentials ? [credentialsSecret(credentials)] : [],
    },
    // No volume: the cloud makes one for each claim. No wait: the operator makes the StatefulSet when
    // it comes to it, and the application's pods wait for the secret that it writes at the end.
    {
      file: 'mongo-stateful.yaml',
      namespace: databaseNamespace,
      objects: own ? [replicaSet(settings.storage, user), memberDisruptionBudget] : [],
    },
    {
      file: 'app.yaml',
      namespace,
      waitFor: 'deployment/app-deployment',
      objects: [deploymentOf(settings, config, credentials), serviceOf(settings)],
    },
    {
      file: 'app-autoscale.yaml',
      namespace,
      objects: [autoscalerOf(settings), disruptionBudget('cloud')],
    },
    { file: 'backup.yaml', namespace, objects: backupObjects(settings) },
    // Last, so that it leads to pods that are there.
    { file: 'app-host.yaml', namespace, objects: hostObjects(settings) },
  ])
}

/** What Prometheus and Grafana read. The kinds are those of an operator, so it is only made if asked for. */
function monitoring({ target, runbookUrl, backup }: Settings): ManifestFile {
  const namespace = applicationNamespace[target]
  return {
    file: 'monitoring.yaml',
    namespace,
    objects: [
      podMonitor(namespace),
      alertRules(namespace, runbookUrl, backup),
      dashboardMap(namespace),
    ],
  }
}

const withObjects = (files: readonly ManifestFile[]): ManifestFile[] =>
  files.filter(({ objects }) => objects.length > 0)

/**
 * The settings from the options and, if an option is left out, from what the folder keeps.
 * @throws OptionFault
 */
function settle(given: Settings, before: MadeWith | undefined): Settings {
  const { target, out, cluster } = given
  const keptToken = keptScope(out)
  // A cloud's load balancer may be open to the internet, and that must not happen by oversight.
  const isSaid = before?.target === target && before.asked['api-token'] !== undefined
  if (target === 'cloud' && given.apiToken === undefined && keptToken === 'none' && !isSaid) {
    throw new OptionFault(
      '--api-token: without a token whoever reaches the service may write; for the cloud say writes, all, or none',
    )
  }
  // Not for a cluster of minikube: there `up` knows what the cluster has, its nodes too.
  const kept = keptChoices(cluster ? undefined : before)
  const settings: Settings = {
    ...given,
    apiToken: given.apiToken ?? keptToken,
    secret: given.secret ?? kept.secret,
    database: given.database ?? kept.database,
    volumeNode: given.volumeNode ?? (target === 'minikube' ? kept.volumeNode : undefined),
  }
  if (settings.database === 'external') settings.databaseCidr ??= kept.databaseCidr
  else if (given.databaseCidr) {
    throw new OptionFault('--database-cidr: the database is our own, without --database external')
  }
  return settings
}

/**
 * Writes the files that the options ask for. Returns the settings that were used, and the names of the files in
 * the order of application. `adopted` is the cluster's own login.
 * @throws OptionFault
 */
export function writeManifests(
  { settings: given, asked: byHand }: WriteRequest,
  adopted?: Credentials,
) {
  const { target, out, cluster } = given
  const before = readMadeWith(out)
  const settings = settle(given, before)
  const credentials =
    settings.database === 'external'
      ? undefined
      : settings.secret === 'external'
        ? expectNoCredentials(out)
        : keepOrMakeCredentials(out, adopted)
  // A token that no cluster has yet stays asked for, even if its option was given only once.
  const { 'api-token': scope } = before?.asked ?? {}
  const asked = scope && scope === settings.apiToken ? { 'api-token': scope, ...byHand } : byHand
  const owner = cluster ?? (before?.target === target ? before.cluster : undefined)
  const map = optionsMap(settings, owner, cluster ? {} : asked)
  const files = manifests(settings, credentials, [map])
  writeFiles(out, files)
  return { settings, files: files.map(({ file }) => `${out}/${file}`) }
}

export interface Outcome {
  /** The exit code. */
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command with these arguments: writes the files, and returns its output. */
export function runCommand(argv: readonly string[]): Outcome {
  const commandLine = readCommandLine(argv)
  if (commandLine.ask === 'help') return { status: 0, stdout: help, stderr: '' }
  if (commandLine.ask === 'refuse') return refused(commandLine.faults)
  const { adoptSecret } = commandLine.settings
  try {
    const adopted = adoptSecret === undefined ? undefined : readAdopted(adoptSecret)
    const { settings, files } = writeManifests(commandLine, adopted)
    const said = settings.target === 'cloud' ? nextSteps(settings) : files
    return { status: 0, stdout: lines(said), stderr: lines(commandLine.notes, 'manifests: ') }
  } catch (error) {
    if (error instanceof OptionFault) return refused([error.message])
    throw error
  }
}

const lines = (texts: readonly string[], before = '') =>
  texts.map((text) => `${before}${text}\n`).join('')

const refused = (faults: readonly string[]): Outcome => ({
  status: 2,
  stdout: '',
  stderr: lines(faults, 'manifests: '),
})

if (import.meta.main) {
  const { status, stdout, stderr } = runCommand(process.argv.slice(2))
  process.stderr.write(stderr)
  process.stdout.write(stdout)
  process.exitCode = status
}
