// `npm run bench:pods`: GET / and POST over 1 to 5 pods of a cluster that `./deploy.sh` has set up.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { readOrEnd } from '../command-line/read-options.ts'
import {
  getObjects,
  kubectlOf,
  listAt,
  namespace,
  numberAt,
  textAt,
} from '../deploy/cluster/kubectl.ts'
import { loadName, loadObjects } from '../deploy/commands/write-load.ts'
import { type LoadSample, readLine } from '../deploy/load/load-samples.ts'
import { application, database } from '../manifests/names.ts'
import { eventually } from '../tests/needs/cluster/cluster.ts'
import { documentText } from './documents.ts'
import { ticksPerSecond } from './process.ts'
import { keepLines, type Point, spread } from './runs.ts'

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
const warmUp = 2
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

// The autoscaler itself keeps the number: with equal bounds it does not fight it.
async function scaleTo(pods: number): Promise<void> {
  await bounds(pods, pods)
  await succeed(['scale', `deployment/${deployment}`, `--replicas=${pods}`])
  await eventually(150, async () => {
    const found = listAt(await getObjects(kubectl, 'pods', '-l', selectorOf(selector)), 'items')
    const ready = found.filter((pod) =>
      listAt(pod, 'status', 'conditions').some(
        (each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'True',
      ),
    )
    if (found.length !== pods || ready.length !== pods) {
      throw new Error(`${ready.length} of ${found.length} pods are ready, ${pods} are wanted`)
    }
  })
}

async function measure(pods: number, method: 'GET' | 'POST'): Promise<void> {
  // Longer than the window: the job's own CPU time is read at its end.
  const seconds = warmUp + window + 5
  const body = method === 'POST' ? { body: documentText(0) } : {}
  const objects = JSON.stringify(
    loadObjects({ image, program, seconds, clients, rate: 0, ...body }),
  )
  await kubectl(['delete', '--ignore-not-found', '--wait', '-f', '-'], { input: objects })
  await succeed(['apply', '-f', '-'], objects)
  try {
    await eventually(60, async () => {
      const [pod] = listAt(await getObjects(kubectl, 'pods', '-l', `job-name=${loadName}`), 'items')
      const phase = textAt(pod, 'status', 'phase')
      if (phase === '' || phase === 'Pending') throw new Error(`the load job is ${phase}`)
    })
    const point = await follow(pods, method)
    const { series, at } = point
    keepLines(points, [point], (old) => old.series === series && old.at === at)
    process.stdout.write(`${JSON.stringify(point)}\n`)
  } finally {
    await kubectl(['delete', '--ignore-not-found', '-f', '-'], { input: objects })
  }
}

async function follow(pods: number, method: string): Promise<Point> {
  const args = ['logs', '-n', namespace, '--context', profile, '-f', `job/${loadName}`]
  const logs = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const samples: LoadSample[] = []
  let before: Use | undefined
  for await (const line of createInterface({ input: logs.stdout })) {
    const sample = readLine(line, undefined)
    if (!sample || !('p50' in sample)) continue
    samples.push(sample)
    if (samples.length === warmUp) before = await use()
    if (samples.length === warmUp + window) break
  }
  logs.kill()
  if (!before || samples.length < warmUp + window) {
    throw new Error(`the load job ended after ${samples.length} s`)
  }
  return pointOf(pods, method, samples.slice(warmUp), before, await use())
}

// The kernel's own counts of CPU time, at the beginning and the end of a series.
const use = async () => ({
  at: performance.now() / 1000,
  service: await podsUse(selectorOf(selector)),
  database: await podsUse(selectorOf(database.selector)),
  load: await podsUse(`job-name=${loadName}`),
  machine: { seconds: machineSeconds() },
})
type Use = Awaited<ReturnType<typeof use>>

function pointOf(
  pods: number,
  method: string,
  samples: readonly LoadSample[],
  before: Use,
  now: Use,
): Point {
  const sum = (of: 'requests' | 'failures') => samples.reduce((all, each) => all + each[of], 0)
  const middle = (of: 'p50' | 'p99') => spread(samples.map((each) => each[of] ?? 0)).median
  const cores = (of: 'service' | 'database' | 'load' | 'machine') =>
    (now[of].seconds - before[of].seconds) / (now.at - before.at)
  return {
    ...{ series: method === 'GET' ? 'GET / by pods' : 'POST by pods', place: 'cluster' },
    ...{ peer: 'ours', at: pods, rate: (sum('requests') - sum('failures')) / samples.length },
    ...{ p50: middle('p50'), p99: middle('p99'), failed: sum('failures') },
    peak: now.service.megabytes,
    cores: {
      ...{ service: cores('service'), database: cores('database') },
      ...{ load: cores('load'), machine: cores('machine') },
    },
  }
}

// CPU seconds so far and memory of the pods with a label, from each pod's first process, which does all the work:
// where a cgroup's own counts are depends on the node.
async function podsUse(label: string): Promise<{ seconds: number; megabytes: number }> {
  const sum = { seconds: 0, megabytes: 0 }
  for (const pod of listAt(await getObjects(kubectl, 'pods', '-l', label), 'items')) {
    const args = [
      'exec',
      textAt(pod, 'metadata', 'name'),
      '--',
      'cat',
      '/proc/1/stat',
      '/proc/1/status',
    ]
    const out = await succeed(args)
    // After the program's name, which may hold spaces: utime and stime are the 12th and 13th field.
    const [, user, system] = /\) \S(?: -?\d+){10} (\d+) (\d+) /.exec(out) ?? []
    sum.seconds += (Number(user) + Number(system)) / ticksPerSecond
    sum.megabytes += Number(/^VmRSS:\s+(\d+)/m.exec(out)?.[1]) / 1000
  }
  return sum
}

/** CPU seconds of this machine so far, without its idle time: the cluster's node runs on it. */
function machineSeconds(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? ''
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq) / ticksPerSecond
}

const before = await getObjects(kubectl, 'hpa', autoscaler)
const [least, most] = [
  numberAt(before, 'spec', 'minReplicas'),
  numberAt(before, 'spec', 'maxReplicas'),
]
if (least === undefined || most === undefined) {
  throw new Error(`There is no autoscaler in the profile ${profile}: ./deploy.sh first.`)
}
const found = await getObjects(kubectl, 'deployment', deployment)
const image = textAt(found, 'spec', 'template', 'spec', 'containers', 0, 'image')
const program = readFileSync('deploy/load/load-job.mjs', 'utf8')
const restore = () => bounds(least, most)
process.once('SIGINT', () => {
  void restore().finally(() => process.exit(130))
})
try {
  for (const pods of steps) {
    await scaleTo(pods)
    for (const method of ['GET', 'POST'] as const) await measure(pods, method)
  }
} finally {
  await restore()
}
