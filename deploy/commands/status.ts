// status.ts: in its first line whether all is well, then everything at a glance: pods, autoscaler, image,
// size of the data, last events. Ends with 0 if all is well, 25 if nothing is there, 26 if it is not well.
import process, { stdout } from 'node:process'
import { application, database, databaseNamespace, uriSecret } from '../../manifests/names.ts'
import {
  ask,
  findObject,
  isKind,
  kubectlOf,
  listAt,
  nameOf,
  numberAt,
  takeSnapshot,
  textAt,
  valueAt,
} from '../cluster/kubectl.ts'
import { cannotAsk, dnsTrouble } from '../cluster/reach.ts'
import {
  age,
  commandsFor,
  type Diagnosis,
  describeDiagnosis,
  exitCodes,
  giveUp,
  table,
} from '../cluster/report.ts'
import { foreignContext, halfTrouble, readStatus } from '../cluster/state.ts'
import { applicationWorkload, databaseWorkload, illnessOf } from '../cluster/trouble.ts'
import { elsewhereTrouble, firstUnready, passwordTrouble } from '../cluster/unready.ts'
import { isDatabaseElsewhere, newestPods, progressOf } from '../cluster/workload.ts'
import { readGiven } from './command-line.ts'
import { checkMachine, notDeployed, wayTo } from './look.ts'
import { scalingOf } from './wait-autoscaler.ts'

const lastEvents = 8

const given = readGiven('status')
const { profile } = given
const kubectl = kubectlOf(profile)
const commands = commandsFor(profile)

async function dataSize(): Promise<string> {
  // du of the folder: what the volume holds, journal included; it needs no password.
  const du = ['exec', `${database.name}-0`, '--', 'du', '-sk', '/data/db']
  const answer = await kubectl(du, { seconds: 10 })
  const kilobytes = Number(/^\d+/.exec(answer.out)?.[0])
  if (answer.code === 0 && !Number.isNaN(kilobytes)) {
    return `${(kilobytes / 1024).toFixed(1)} MiB in /data/mongodb of the node`
  }
  return `unknown: ${answer.err.trim().split('\n').at(-1) || 'the database does not answer'}`
}

// All questions at once. The first fault in the order of a start is reported: machine, cluster, application.
const minikube = ask('minikube', ['status', '-p', profile, '-o', 'json']).then(async (answer) => {
  const found = readStatus(answer, profile)
  if (found.state !== 'half' || found.fault) return found
  return { ...found, fault: await halfTrouble(profile, answer.out) }
})
const cluster = Promise.all([
  minikube,
  takeSnapshot(kubectl),
  // A context without a profile is somebody else's cluster, in whose pods nothing may run.
  minikube.then((found) => (found.state === 'absent' || found.fault ? '' : dataSize())),
  minikube.then((found) => (found.state === 'absent' || found.fault ? '' : lastBackup())),
])
const reached = dnsTrouble(profile, false)
const docker = await checkMachine(given)
const [{ state, fault }, snapshot, size, verified] = await cluster
const unusable = fault ?? (state === 'running' ? await reached : undefined)
if (unusable) giveUp(unusable)
if (state === 'absent') giveUp((await foreignContext(profile)) ?? notDeployed(profile, state))
wayTo(docker, profile)
if ('failure' in snapshot) {
  giveUp(
    state === 'running'
      ? cannotAsk(profile, snapshot.failure)
      : notDeployed(profile, state, snapshot.failure),
  )
}
const { items } = snapshot
const elsewhere = isDatabaseElsewhere(items)

/** Only the logs of pods that run and are not ready say that a password is wrong. */
async function askedWhy(illness: Diagnosis | undefined): Promise<Diagnosis | undefined> {
  // The log of an application whose database is away is about other times.
  const asks = illness && (elsewhere || progressOf(databaseWorkload, items).complete)
  const pod = asks ? firstUnready(newestPods(applicationWorkload, items)) : undefined
  if (pod === undefined) return illness
  const log = await kubectl(['logs', pod, '--tail=100'])
  const why = elsewhere ? elsewhereTrouble : passwordTrouble
  const trouble = log.code === 0 ? why(pod, log.out, commands) : undefined
  return trouble ? { ...trouble, outcome: 'notWell' } : illness
}

/** When the last verified backup was made, as a pod of the application knows it from the database. */
async function lastBackup(): Promise<string> {
  const path = `/api/v1/namespaces/${databaseNamespace}/services/${application.service}:http/proxy/metrics`
  const answer = await kubectl(['get', '--raw', path], { seconds: 10 })
  const [, seconds] = /^store_backup_timestamp_seconds (\S+)$/m.exec(answer.out) ?? []
  if (answer.code !== 0 || seconds === undefined) return 'unknown: the application does not answer'
  if (Number(seconds) === 0) return `none yet: ${commands.deploy('backup')} makes one`
  const time = new Date(Number(seconds) * 1000).toISOString()
  return `${time.slice(0, 16).replace('T', ' ')} UTC, ${age(time)} ago, restored and compared`
}

function podRow(pod: unknown): string[] {
  const statuses = listAt(pod, 'status', 'containerStatuses')
  const ready = statuses.filter((status) => valueAt(status, 'ready') === true).length
  const restarts = statuses.reduce<number>(
    (sum, status) => sum + (numberAt(status, 'restartCount') ?? 0),
    0,
  )
  const waiting = textAt(statuses[0], 'state', 'waiting', 'reason')
  const leaving = valueAt(pod, 'metadata', 'deletionTimestamp') !== undefined
  const state = leaving ? 'Terminating' : waiting || textAt(pod, 'status', 'phase')
  const started = textAt(pod, 'status', 'startTime')
  return [nameOf(pod), `${ready}/${statuses.length}`, state, `${restarts}`, age(started)]
}

function autoscalerLine(): string {
  const found = findObject(items, 'HorizontalPodAutoscaler', application.autoscaler)
  if (found === undefined) return 'none'
  const { cpu, target, replicas, least, most, complaint } = scalingOf(found)
  const figure = cpu === undefined ? 'no figure yet' : `${cpu} %`
  const pods = `${replicas} pods (${least} to ${most})`
  return `CPU ${figure} of a target of ${target ?? '?'} %, ${pods}${complaint && `; ${complaint}`}`
}

const image = textAt(
  findObject(items, 'Deployment', application.deployment),
  'spec',
  'template',
  'spec',
  'containers',
  0,
  'image',
)
const nodePort = numberAt(
  findObject(items, 'Service', application.service),
  'spec',
  'ports',
  0,
  'nodePort',
)
const events = items
  .filter(isKind('Event'))
  .map((event) => ({
    time: textAt(event, 'lastTimestamp') || textAt(event, 'eventTime'),
    row: [
      textAt(event, 'type'),
      textAt(event, 'reason'),
      textAt(event, 'involvedObject', 'name'),
      textAt(event, 'message').replaceAll('\n', ' ').slice(0, 100),
    ],
  }))
  .sort((a, b) => a.time.localeCompare(b.time))
  .slice(-lastEvents)

const illness = await askedWhy(illnessOf(items, commands))
stdout.write(
  `${[
    illness ? `${describeDiagnosis(illness, 'NOT WELL')}\n` : 'all is well',
    `cluster      ${profile}`,
    `application  ${progressOf(applicationWorkload, items).line}`,
    `image        ${image || 'none'}`,
    `database     ${elsewhere ? `another's, by the Secret ${uriSecret}` : progressOf(databaseWorkload, items).line}`,
    `data         ${elsewhere ? 'where that database has it' : size}`,
    `backup       ${verified}`,
    `autoscaler   ${autoscalerLine()}`,
    `node port    ${nodePort ?? 'none'}`,
    '',
    ...table([
      ['POD', 'READY', 'STATE', 'RESTARTS', 'AGE'],
      ...items.filter(isKind('Pod')).map(podRow),
    ]),
    '',
    'last events',
    ...table(events.map(({ time, row }) => [age(time), ...row])).map((line) => `  ${line}`),
  ].join('\n')}\n`,
)
process.exitCode = exitCodes[illness?.outcome ?? 'done'].code
