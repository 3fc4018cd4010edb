// `npm run bench:pods`: GET / and POST over 1 to 5 pods of a cluster that `./deploy.sh` has set up.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { readOrEnd } from '../command-line/read-options.ts'
import { get, kubectlOf, list, namespace, number, parse, text } from '../deploy/cluster/kubectl.ts'
import { loadName, loadObjects } from '../deploy/commands/write-load.ts'
import { application, database } from '../manifests/names.ts'
import { eventually } from '../tests/needs/cluster/cluster.ts'
import { machineSeconds, podsUse } from './pods-use.ts'
import { keep, type Point } from './raw.ts'

const usage = `npm run bench:pods '--' [options]

  --profile NAME               the minikube profile (minikube)
  --pods N,...                 numbers of pods, one after the other (1,2,3,4,5)
  --seconds N, --clients N     how long each, and with how many clients (15, 64)
  --points FILE                the results (bench/raw/growth.jsonl)
`

const known = {
  script: 'bench:pods',
  values: ['profile', 'pods', 'seconds', 'clients', 'points'],
}
const values = Object.fromEntries(readOrEnd(known, usage).values)
const { profile = 'minikube', points = 'bench/raw/growth.jsonl' } = values
const window = Number(values.seconds ?? 15)
const clients = Number(values.clients ?? 64)
const steps = (values.pods ?? '1,2,3,4,5').split(',').map(Number)
const kubectl = kubectlOf(profile)
const { deployment, autoscaler, selector } = application
const selectorOf = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',')

async function succeed(args: readonly string[], input?: string): Promise<string> {
  const answer = await kubectl(args, input === undefined ? { seconds: 120 } : { input })
  if (answer.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${answer.err || answer.out}`)
  return answer.out
}

const bounds = (least: number, most: number) => {
  const patch = JSON.stringify({ spec: { minReplicas: least, maxReplicas: most } })
  return succeed(['patch', 'hpa', autoscaler, '--type=merge', '-p', patch])
}

// The autoscaler itself holds the number: with equal bounds it does not fight it.
async function scaleTo(pods: number): Promise<void> {
  await bounds(pods, pods)
  await succeed(['scale', `deployment/${deployment}`, `--replicas=${pods}`])
  await eventually(150, async () => {
    const found = list(await get(kubectl, 'pods', '-l', selectorOf(selector)), 'items')
    const ready = found.filter((pod) =>
      list(pod, 'status', 'conditions').some(
        (each) => text(each, 'type') === 'Ready' && text(each, 'status') === 'True',
      ),
    )
    if (found.length !== pods || ready.length !== pods) {
      throw new Error(`${ready.length} of ${found.length} pods are ready, ${pods} are wanted`)
    }
  })
}

async function measure(pods: number, objects: string): Promise<void> {
  await kubectl(['delete', '--ignore-not-found', '--wait', '-f', '-'], { input: objects })
  await succeed(['apply', '-f', '-'], objects)
  try {
    await eventually(60, async () => {
      const [pod] = list(await get(kubectl, 'pods', '-l', `job-name=${loadName}`), 'items')
      const phase = text(pod, 'status', 'phase')
      if (phase === '' || phase === 'Pending') throw new Error(`the load job is ${phase}`)
    })
    await follow(pods)
  } finally {
    await kubectl(['delete', '--ignore-not-found', '-f', '-'], { input: objects })
  }
}

async function follow(pods: number): Promise<void> {
  const args = ['logs', '-n', namespace, '--context', profile, '-f', `job/${loadName}`]
  const logs = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let measured = 0
  let before = await use()
  for await (const line of createInterface({ input: logs.stdout })) {
    const found = parse(line)
    const method = text(found, 'method')
    const rate = number(found, 'rate')
    if (method === '') continue
    const now = await use()
    if (rate !== undefined) {
      const point = pointOf(pods, method, found, before, now)
      keep(points, point)
      process.stdout.write(`${JSON.stringify(point)}\n`)
      measured++
    }
    before = now
  }
  if (measured !== 2) throw new Error(`the load job gave ${measured} results, and not 2`)
}

// The kernel's own counts of CPU time, at the begin and the end of a series.
const use = async () => ({
  at: performance.now() / 1000,
  service: await podsUse(kubectl, selectorOf(selector)),
  database: await podsUse(kubectl, selectorOf(database.selector)),
  machine: { seconds: machineSeconds() },
})
type Use = Awaited<ReturnType<typeof use>>

function pointOf(pods: number, method: string, found: unknown, before: Use, now: Use): Point {
  const figure = (name: string) => number(found, name) ?? 0
  const cores = (of: 'service' | 'database' | 'machine') =>
    (now[of].seconds - before[of].seconds) / (now.at - before.at)
  return {
    ...{ series: method === 'GET' ? 'GET / by pods' : 'POST by pods', place: 'cluster', at: pods },
    ...{ rate: figure('rate'), p50: figure('p50'), p99: figure('p99'), failed: figure('failed') },
    peak: now.service.megabytes,
    cores: {
      ...{ service: cores('service'), database: cores('database'), machine: cores('machine') },
      load: figure('load'),
    },
  }
}

const before = await get(kubectl, 'hpa', autoscaler)
const [least, most] = [number(before, 'spec', 'minReplicas'), number(before, 'spec', 'maxReplicas')]
if (least === undefined || most === undefined) {
  throw new Error(`There is no autoscaler in the profile ${profile}: ./deploy.sh first.`)
}
const found = await get(kubectl, 'deployment', deployment)
const image = text(found, 'spec', 'template', 'spec', 'containers', 0, 'image')
const program = readFileSync(new URL('pods-job.mjs', import.meta.url), 'utf8')
const seconds = 2 * (window + 2)
const objects = JSON.stringify(loadObjects({ image, program, seconds, clients, rate: 0 }))
const restore = () => bounds(least, most)
process.once('SIGINT', () => {
  void restore().finally(() => process.exit(130))
})
try {
  for (const pods of steps) {
    await scaleTo(pods)
    await measure(pods, objects)
  }
} finally {
  await restore()
}
