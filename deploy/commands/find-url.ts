// find-url.ts: prints the application's URL once it answers. With --tunnel, if only a tunnel could reach it,
// it prints the published port or nothing: `minikube service --url` would not return.

import { spawn } from 'node:child_process'
import { stdout } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { application } from '../../manifests/names.ts'
import { getObjects, kubectlOf, namespace, numberAt, toolCommand } from '../cluster/kubectl.ts'
import { commandsFor, giveUp, say } from '../cluster/report.ts'
import { readArguments } from './command-line.ts'

/** Why the URL does not answer with success within the time, or undefined: it does. */
export async function complaintOf(url: string, milliseconds = 5000): Promise<string | undefined> {
  // Loaded only here: it takes as long as Node's own start, and most commands do not ask a URL.
  const { default: http } = await import('node:http')
  // The URL is on this machine, which a company's proxy does not know: with NODE_USE_ENV_PROXY, fetch and
  // Node's own agents ask HTTP_PROXY; this one has no such setting.
  const agent = new http.Agent({ proxyEnv: {} })
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(milliseconds)
    const failed = (error: Error) =>
      resolve(
        `GET ${url}: ${signal.aborted ? `no answer within ${milliseconds} ms` : error.message}`,
      )
    const request = http.get(url, { agent, signal }, (answer) => {
      const { statusCode = 0 } = answer
      answer.on('error', failed)
      answer.on('end', () =>
        resolve(statusCode < 300 ? undefined : `GET ${url} answered ${statusCode}`),
      )
      answer.resume()
    })
    request.on('error', failed)
  })
}

/** The first URL that minikube prints; other lines are for people, and in some versions on stdout. */
export const urlIn = (text: string): string | undefined => /^https?:\/\/\S+/m.exec(text)?.[0]

// A pod that has just started is refused its first connections until its network policy is in place.
const answerDeadline = 60
const minikubeDeadline = 30

const openIt = (profile: string) =>
  `${commandsFor(profile).deploy('open')}, and leave that window open`

function directUrl(profile: string): Promise<string> {
  const service = ['service', application.service, '-n', namespace, '-p', profile, '--url']
  return new Promise((resolve) => {
    const { file, args, windowsVerbatimArguments } = toolCommand('minikube', service)
    const minikube = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsVerbatimArguments,
    })
    let said = ''
    let complaint = ''
    // Only SIGINT: after any other signal minikube leaves its ssh running.
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
        remedy: openIt(profile),
      })
    })
  })
}

/** The port that `up` had published on 127.0.0.1 when it made the cluster. */
async function publishedUrl(profile: string): Promise<string> {
  const service = await getObjects(kubectlOf(profile), 'service', application.service)
  return `http://127.0.0.1:${numberAt(service, 'spec', 'ports', 0, 'nodePort') ?? 0}`
}

async function main(): Promise<void> {
  const { profile, flag } = readArguments(['tunnel'])
  const tunnel = flag('tunnel')
  const url = await (tunnel ? publishedUrl(profile) : directUrl(profile))
  const deadline = Date.now() + (tunnel ? 10 : answerDeadline) * 1000
  let complaint = await complaintOf(`${url}/`)
  while (complaint !== undefined && Date.now() < deadline) {
    await sleep(500)
    complaint = await complaintOf(`${url}/`)
  }
  if (complaint === undefined) {
    say(`${url} answers`)
    stdout.write(`${url}\n`)
  } else if (tunnel) {
    say(`The application runs. This cluster was made without a published port: ${openIt(profile)}`)
  } else {
    giveUp({
      outcome: 'noAnswer',
      what: `${url} does not answer within ${answerDeadline} s`,
      words: complaint,
      remedy: commandsFor(profile).deploy('status'),
    })
  }
}

if (import.meta.main) await main()
