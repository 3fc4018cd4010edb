// status.ts: everything at a glance: pods, autoscaler, image, size of the data, last events.
import { stdout } from 'node:process'
import { application, database } from '../manifests/names.ts'
import { readArguments } from './arguments.ts'
import { scalingOf } from './autoscaler.ts'
import { at, list, number, text } from './json.ts'
import { get, kubectlOf } from './kubectl.ts'
import { age, table } from './plain-text.ts'
import { isKind, nameOf, progressOf } from './workload.ts'

const lastEvents = 8

const { profile } = readArguments()
const kubectl = kubectlOf(profile)
const items = list(await get(kubectl, 'deployments,statefulsets,services,hpa,pods,events'), 'items')
const named = (kind: string, name: string) =>
  items.find((item) => isKind(kind)(item) && nameOf(item) === name)

function podRow(pod: unknown): string[] {
  const statuses = list(pod, 'status', 'containerStatuses')
  const ready = statuses.filter((status) => at(status, 'ready') === true).length
  const restarts = statuses.reduce<number>(
    (sum, status) => sum + (number(status, 'restartCount') ?? 0),
    0,
  )
  const waiting = text(statuses[0], 'state', 'waiting', 'reason')
  const leaving = at(pod, 'metadata', 'deletionTimestamp') !== undefined
  const state = leaving ? 'Terminating' : waiting || text(pod, 'status', 'phase')
  const started = text(pod, 'status', 'startTime')
  return [nameOf(pod), `${ready}/${statuses.length}`, state, `${restarts}`, age(started)]
}

async function dataSize(): Promise<string> {
  // du of the folder: what the volume holds, journal included; it needs no password.
  const du = ['exec', `${database.name}-0`, '--', 'du', '-sk', '/data/db']
  const answer = await kubectl(du, { seconds: 10 })
  const kilobytes = Number(/^\d+/.exec(answer.out)?.[0])
  if (answer.code !== 0 || Number.isNaN(kilobytes)) return 'unknown: the database does not answer'
  return `${(kilobytes / 1024).toFixed(1)} MiB in /data/mongodb of the node`
}

const deployment = named('Deployment', application.deployment)
const scaling = scalingOf(named('HorizontalPodAutoscaler', application.autoscaler))
const nodePort = number(named('Service', application.service), 'spec', 'ports', 0, 'nodePort')
const cpu = scaling.cpu === undefined ? 'no figure yet' : `${scaling.cpu} %`
const app = progressOf({ kind: 'Deployment', name: application.deployment }, items)
const store = progressOf({ kind: 'StatefulSet', name: database.name }, items)
const events = items
  .filter(isKind('Event'))
  .map((event) => ({
    time: text(event, 'lastTimestamp') || text(event, 'eventTime'),
    row: [
      text(event, 'type'),
      text(event, 'reason'),
      text(event, 'involvedObject', 'name'),
      text(event, 'message').replaceAll('\n', ' ').slice(0, 100),
    ],
  }))
  .sort((a, b) => a.time.localeCompare(b.time))
  .slice(-lastEvents)

stdout.write(
  `${[
    `cluster      ${profile}`,
    `application  ${app.line}`,
    `image        ${text(deployment, 'spec', 'template', 'spec', 'containers', 0, 'image')}`,
    `database     ${store.line}`,
    `data         ${await dataSize()}`,
    `autoscaler   CPU ${cpu} of a target of ${scaling.target ?? '?'} %, ${scaling.replicas} pods (${scaling.least} to ${scaling.most})${scaling.complaint ? `; ${scaling.complaint}` : ''}`,
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
