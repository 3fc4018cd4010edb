// watch-load.ts: shows the load test live, waits for scale-out and, with --wait, for scale-in.
import { spawn } from 'node:child_process'
import { exit } from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  findObjects,
  getObjects,
  kubectlOf,
  listAt,
  namespace,
  numberAt,
  textAt,
} from '../cluster/kubectl.ts'
import { commandsFor, exitCodes, giveUp, say } from '../cluster/report.ts'
import { writeLoadReport } from '../load/load-report.ts'
import {
  formatRow,
  idle,
  type LoadSample,
  liveLine,
  overwriteLine,
  readLine,
  tableHeader,
  writeSamples,
} from '../load/load-samples.ts'
import { readArguments } from './command-line.ts'
import { askScaling, type Scaling } from './wait-autoscaler.ts'
import { loadName } from './write-load.ts'

const startDeadline = 60
/** After the last pod has come, so that the samples show its effect. */
const afterScaleOut = 15
const pollMs = 2000
const writeEvery = 5
// Windows' old console has a code page of its own, without the blocks of a curve.
const plain = process.platform === 'win32' && process.env.WT_SESSION === undefined

const { profile, flag, value } = readArguments(['wait'], ['minutes'])
const seconds = Math.round(Number(value('minutes') ?? 3) * 60)
const kubectl = kubectlOf(profile)
const commands = commandsFor(profile)
const samples: LoadSample[] = []
let scaling: Scaling | undefined
let peak = 0
let reasons = ''

process.on('SIGINT', () => {
  writeSamples(samples)
  exit(exitCodes.interrupted.code)
})

async function started(): Promise<void> {
  const deadline = Date.now() + startDeadline * 1000
  while (Date.now() < deadline) {
    const pods = await findObjects(kubectl, 'pods', '-l', `job-name=${loadName}`)
    const phase = textAt(listAt(pods, 'object', 'items')[0], 'status', 'phase')
    if (phase !== '' && phase !== 'Pending') return
    await sleep(500)
  }
  const job = await kubectl(['describe', 'pods', '-l', `job-name=${loadName}`])
  giveUp({
    outcome: 'failedRequests',
    what: `the load job did not start within ${startDeadline} s`,
    words: job.code === 0 ? job.out.split('\n').slice(-6).join('\n') : job.err,
    remedy: commands.kubectl(`describe job ${loadName}`),
  })
}

function take(line: string): boolean {
  const found = readLine(line, scaling)
  if (found === undefined) return false
  if ('total' in found) {
    reasons = found.reasons
    return true
  }
  samples.push(found)
  show(found)
  if (samples.length % writeEvery === 0) writeSamples(samples)
  return false
}

/** At a terminal one line that stays in its place, elsewhere a row per second. */
function show(sample: LoadSample): void {
  if (process.stderr.isTTY) {
    process.stderr.write(
      overwriteLine(liveLine(samples, { columns: process.stderr.columns, plain })),
    )
    return
  }
  if (samples.length % 20 === 1) say(tableHeader)
  say(formatRow(sample))
}

async function follow(stop: AbortSignal): Promise<void> {
  const args = ['logs', '-n', namespace, '--context', profile, '-f', `job/${loadName}`]
  const logs = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  logs.on('error', () => {})
  stop.addEventListener('abort', () => logs.kill('SIGINT'))
  for await (const line of createInterface({ input: logs.stdout })) {
    if (take(line)) logs.kill('SIGINT')
  }
}

async function watchScaling(stop: AbortController): Promise<void> {
  let reached = 0
  while (!stop.signal.aborted) {
    scaling = (await askScaling(kubectl)) ?? scaling
    peak = Math.max(peak, scaling?.replicas ?? 0)
    if (scaling && scaling.replicas >= scaling.most) reached ||= Date.now()
    if (reached > 0 && Date.now() - reached > afterScaleOut * 1000) stop.abort()
    await sleep(pollMs, undefined, { signal: stop.signal }).catch(() => {})
  }
}

async function scaleIn(): Promise<void> {
  // The window is part of the object; load that has ended counts until the window has passed.
  const autoscaler = await getObjects(kubectl, 'hpa')
  const window =
    numberAt(
      listAt(autoscaler, 'items')[0],
      'spec',
      'behavior',
      'scaleDown',
      'stabilizationWindowSeconds',
    ) ?? 300
  const deadline = Date.now() + (window + 240) * 1000
  say(`waiting for scale-in; the autoscaler waits ${window} s after the load, by its own settings`)
  while (Date.now() < deadline) {
    scaling = (await askScaling(kubectl)) ?? scaling
    const sample = idle(new Date().toISOString(), scaling)
    samples.push(sample)
    if (samples.length % 10 === 1) say(formatRow(sample))
    if (scaling && scaling.replicas <= scaling.least) {
      say(`back to ${scaling.replicas} pods`)
      return
    }
    await sleep(1000)
  }
  giveUp({
    outcome: 'noScaling',
    what: `still ${scaling?.replicas} pods ${window + 240} s after the load`,
    remedy: commands.kubectl('describe hpa'),
  })
}

await started()
const stop = new AbortController()
const timer = setTimeout(() => stop.abort(), (seconds + startDeadline) * 1000)
scaling = await askScaling(kubectl)
const before = scaling?.replicas ?? 0
const watching = watchScaling(stop)
await follow(stop.signal)
stop.abort()
clearTimeout(timer)
await watching
if (process.stderr.isTTY) process.stderr.write('\n')
const failures = samples.reduce((sum, sample) => sum + sample.failures, 0)
const requests = samples.reduce((sum, sample) => sum + sample.requests, 0)
say(`${requests} requests in ${samples.length} s, ${failures} failed; ${before} to ${peak} pods`)
if (flag('wait')) {
  await kubectl(['delete', 'job', loadName, '--ignore-not-found'])
  await scaleIn()
}
writeSamples(samples)
say(writeLoadReport())
say('wrote build/load.html: open it in a browser. Its figures are in build/load.json')
if (failures > 0) {
  giveUp({
    outcome: 'failedRequests',
    what: `${failures} of ${requests} requests failed`,
    ...(reasons === '' ? {} : { words: reasons }),
    remedy: commands.deploy('logs'),
  })
}
if (peak <= before && peak < (scaling?.most ?? 0)) {
  giveUp({
    outcome: 'noScaling',
    what: `the autoscaler saw ${scaling?.cpu ?? 'no'} % of CPU and added no pod`,
    words: scaling?.complaint ?? '',
    remedy: `more load, for longer: ${commands.deploy('load --minutes 6 --clients 48')}`,
  })
}
