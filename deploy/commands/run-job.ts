// run-job.ts backup, run-job.ts restore FILE: runs the job of the nightly backup now, and shows its output.
import { spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { backup } from '../../manifests/names.ts'
import {
  getObjects,
  isKind,
  kubectlOf,
  listAt,
  nameOf,
  namespace,
  numberAt,
  takeSnapshot,
  textAt,
  toolCommand,
  valueAt,
} from '../cluster/kubectl.ts'
import { commandsFor, giveUp, say } from '../cluster/report.ts'
import { podTrouble } from '../cluster/trouble.ts'
import { readArguments } from './command-line.ts'

const startDeadline = 180
const pollMs = 700

const { profile, words } = readArguments()
const [task = 'backup', file = ''] = words
const isRestore = task === 'restore'
const outcome = isRestore ? 'restore' : 'backup'
const name = isRestore ? 'app-restore' : 'app-backup-now'
const kubectl = kubectlOf(profile)
const commands = commandsFor(profile)

const job = () => getObjects(kubectl, 'job', name)
const hasEnded = (found: unknown) =>
  listAt(found, 'status', 'conditions').some(
    (condition) =>
      ['Complete', 'Failed'].includes(textAt(condition, 'type')) &&
      textAt(condition, 'status') === 'True',
  )

/** The nightly job, with another task. It is removed with the CronJob, like each of the CronJob's own. */
function jobOf(cron: unknown): unknown {
  const spec = structuredClone(valueAt(cron, 'spec', 'jobTemplate', 'spec'))
  const env = listAt(spec, 'template', 'spec', 'containers', 0, 'env')
  const variable = env.find((entry) => textAt(entry, 'name') === 'BACKUP_TASK')
  Object.assign(Object(variable), { value: isRestore ? `restore ${file}` : task })
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: nameOf(cron),
    uid: textAt(cron, 'metadata', 'uid'),
  }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      labels: valueAt(cron, 'spec', 'jobTemplate', 'metadata', 'labels'),
      ownerReferences: [owner],
    },
    spec: { ...Object(spec), ttlSecondsAfterFinished: 600 },
  }
}

/** Makes the job, replacing one that has ended. */
async function start(): Promise<void> {
  const cron = await getObjects(kubectl, 'cronjob', backup.name)
  if (cron === undefined) {
    giveUp({
      outcome: 'notDeployed',
      what: `there is no cronjob/${backup.name} in the cluster "${profile}"`,
      remedy: commands.deploy('up --backup nightly'),
    })
  }
  const before = await job()
  if (before !== undefined && !hasEnded(before)) {
    giveUp({
      outcome,
      what: `job/${name} runs already`,
      remedy: commands.kubectl(`logs -f job/${name}`),
    })
  }
  if (before !== undefined) await kubectl(['delete', 'job', name, '--ignore-not-found'])
  const made = await kubectl(['create', '-f', '-'], { input: JSON.stringify(jobOf(cron)) })
  if (made.code !== 0) {
    giveUp({
      outcome: 'refused',
      what: `job/${name} cannot be made`,
      words: made.err,
      remedy: commands.kubectl(`describe cronjob/${backup.name}`),
    })
  }
}

/** The pod of the job, once its container has begun. */
async function awaitPod(): Promise<string> {
  const began = Date.now()
  let trouble: ReturnType<typeof podTrouble>
  let since = began
  for (;;) {
    const snapshot = await takeSnapshot(kubectl)
    const items = 'items' in snapshot ? snapshot.items : []
    const pod = items
      .filter(isKind('Pod'))
      .find((each) => textAt(each, 'metadata', 'labels', 'job-name') === name)
    if (['Running', 'Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'))) {
      return nameOf(pod)
    }
    const found = pod === undefined ? undefined : podTrouble(pod, items, commands)
    if (found?.outcome !== trouble?.outcome) since = Date.now()
    trouble = found
    const lasted = (Date.now() - since) / 1000
    if (trouble && lasted >= trouble.patience) giveUp(trouble)
    if (Date.now() - began > startDeadline * 1000) {
      giveUp({
        outcome: 'deadline',
        what: `job/${name} did not begin within ${startDeadline} s`,
        remedy: commands.kubectl(`describe job/${name}`),
      })
    }
    await sleep(pollMs)
  }
}

/** Shows the log until the container ends. Returns what it says of a failure. */
async function follow(pod: string): Promise<string> {
  const args = ['logs', '-n', namespace, '--context', profile, '-f', pod]
  const { file: tool, args: line, windowsVerbatimArguments } = toolCommand('kubectl', args)
  const logs = spawn(tool, line, { stdio: ['ignore', 'pipe', 'inherit'], windowsVerbatimArguments })
  logs.on('error', () => {})
  let failure = ''
  for await (const said of createInterface({ input: logs.stdout })) {
    process.stdout.write(`${said}\n`)
    failure = /^FAILED: (.*)/.exec(said)?.[1] ?? failure
  }
  return failure
}

async function awaitEnd(): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    const found = await job()
    if (found === undefined || hasEnded(found) || tries === 100) return found
    await sleep(pollMs)
  }
}

const remedies = {
  backup: `mend what it names, then ${commands.deploy('backup')}; the last good one stays`,
  restore: `mend what it names, then ${commands.deploy(`restore ${file}`)}: what was done of it is not an error`,
}

await start()
say(`job/${name} is made`)
const pod = await awaitPod()
const failure = await follow(pod)
const ended = await awaitEnd()
if ((numberAt(ended, 'status', 'succeeded') ?? 0) === 0) {
  const [state] = listAt(await getObjects(kubectl, 'pod', pod), 'status', 'containerStatuses')
  const reason = textAt(state, 'state', 'terminated', 'reason')
  giveUp({
    outcome,
    what: `job/${name} has failed${reason === '' || reason === 'Error' ? '' : `: ${reason}`}`,
    words: failure || 'nothing: it was killed, or its pod was removed',
    remedy: remedies[outcome],
  })
}
// What it said is on the screen.
await kubectl(['delete', 'job', name, '--ignore-not-found'])
