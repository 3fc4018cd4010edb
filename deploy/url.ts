// url.ts: prints the application's URL once it answers. With --tunnel, where only a tunnel could reach it,
// it prints the published port or nothing: `minikube service --url` would not return.
import { spawn } from 'node:child_process'
import { exit, stdout } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { application } from '../manifests/names.ts'
import { urlIn } from './access.ts'
import { readArguments } from './arguments.ts'
import { complaintOf } from './direct-request.ts'
import { number } from './json.ts'
import { get, kubectlOf, namespace } from './kubectl.ts'
import { commandsFor } from './remedy.ts'
import { giveUp, say } from './report.ts'
import { toolCommand } from './tool-command.ts'

// A pod that has just started is refused its first connections until its network policy is in place.
const answerDeadline = 60
const minikubeDeadline = 30

const { profile, flag } = readArguments(['tunnel'])
const { deploy } = commandsFor(profile)
const openIt = `${deploy('open')}, and leave that window open`

function directUrl(): Promise<string> {
  const service = ['service', application.service, '-n', namespace, '-p', profile, '--url']
  return new Promise((resolve) => {
    const { file, args, windowsVerbatimArguments } = toolCommand('minikube', service)
    const minikube = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsVerbatimArguments,
    })
    let said = ''
    let complaint = ''
    // SIGINT and nothing else: after any other signal minikube leaves its ssh running.
    const timer = setTimeout(() => minikube.kill('SIGINT'), minikubeDeadline * 1000)
    minikube.stdout.on('data', (chunk: Buffer) => (said += chunk))
    minikube.stderr.on('data', (chunk: Buffer) => (complaint += chunk))
    minikube.on('error', (error) => (complaint += error.message))
    minikube.on('close', () => {
      clearTimeout(timer)
      const url = urlIn(said)
      if (url !== undefined) return resolve(url)
      giveUp({
        outcome: 'noAnswer',
        what: `minikube gives no URL for ${application.service}`,
        words: complaint,
        remedy: openIt,
      })
    })
  })
}

/** The port that `up` had published on 127.0.0.1 when it made the cluster. */
async function publishedUrl(): Promise<string> {
  const service = await get(kubectlOf(profile), 'service', application.service)
  return `http://127.0.0.1:${number(service, 'spec', 'ports', 0, 'nodePort') ?? 0}`
}

const tunnel = flag('tunnel')
const url = tunnel ? await publishedUrl() : await directUrl()
const deadline = Date.now() + (tunnel ? 10 : answerDeadline) * 1000
let complaint = await complaintOf(`${url}/`)
while (complaint !== undefined && Date.now() < deadline) {
  await sleep(500)
  complaint = await complaintOf(`${url}/`)
}
if (complaint !== undefined && tunnel) {
  say(`The application runs. This cluster was made without a published port: ${openIt}`)
  exit(0)
}
if (complaint !== undefined) {
  giveUp({
    outcome: 'noAnswer',
    what: `${url} does not answer within ${answerDeadline} s`,
    words: complaint,
    remedy: deploy('status'),
  })
}
say(`${url} answers`)
stdout.write(`${url}\n`)
