// follow-logs.ts: the logs of every pod until Ctrl+C, including those that a rollout starts later.
import { spawn } from 'node:child_process'
import process, { exit } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  findObjects,
  kubectlOf,
  listAt,
  nameOf,
  namespace,
  textAt,
  toolCommand,
} from '../cluster/kubectl.ts'
import { cannotAsk } from '../cluster/reach.ts'
import { giveUp, say } from '../cluster/report.ts'
import { readArguments } from './command-line.ts'

// For a pod that exists at the beginning; of a new one everything is shown.
const tail = '50'
const pollMs = 1_500

const { profile } = readArguments()
const kubectl = kubectlOf(profile)
const followed = new Set<string>()
process.on('SIGINT', () => exit(130))

function follow(pod: string, from: string): void {
  followed.add(pod)
  const words = [
    'logs',
    '-f',
    '-n',
    namespace,
    '--context',
    profile,
    '--prefix',
    `--tail=${from}`,
    pod,
  ]
  const { file, args, windowsVerbatimArguments } = toolCommand('kubectl', words)
  const child = spawn(file, args, { stdio: 'inherit', windowsVerbatimArguments })
  // It ends with its container. The next one of the same pod is followed again.
  child.on('exit', () => followed.delete(pod))
}

let first = true
let failures = 0
while (true) {
  const found = await findObjects(kubectl, 'pods', '-l', 'app.kubernetes.io/part-of=data-service')
  if ('failure' in found) {
    // A cluster that is busy may miss a question; one that is away misses all.
    if (first || ++failures > 20) giveUp(cannotAsk(profile, found.failure))
  } else {
    failures = 0
    const running = listAt(found.object, 'items').filter(
      (pod) => textAt(pod, 'status', 'phase') === 'Running',
    )
    if (first && running.length === 0) say('No pod runs yet; they are followed when they do.')
    for (const pod of running) {
      if (!followed.has(nameOf(pod))) follow(nameOf(pod), first ? tail : '-1')
    }
    first = false
  }
  await sleep(pollMs)
}
