// forward-database.ts [--show-password]: keeps a way from this machine to the cluster's database open, for Compass
// and mongosh. With --run-code the code of this folder runs on it.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import process, { env, execPath, exit } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Credentials, readCredentials } from '../../manifests/credentials.ts'
import { application, database, secret, uriSecret } from '../../manifests/names.ts'
import { getObjects, kubectlOf, namespace, toolCommand } from '../cluster/kubectl.ts'
import { isFreePort } from '../cluster/machine.ts'
import { commandsFor, giveUp, say } from '../cluster/report.ts'
import { databasePlaceOf, tokenScopeOf } from '../cluster/workload.ts'
import { readArguments } from './command-line.ts'
import { apiToken } from './print-token.ts'

interface Forward {
  /** On 127.0.0.1. */
  readonly port: number
  stop(): void
}

/** The database's own port, or the next free one. */
async function freePort(): Promise<number> {
  let port: number = database.port
  while (!(await isFreePort(port))) port++
  return port
}

// A forward ends with the pod that it leads to; another pod may be there in a moment.
const pauseMs = 1_000
const patienceMs = 10_000

/**
 * Forwards a port to the database, again whenever its pod is replaced, until `stop`. Ends the program if there
 * is no database to forward to.
 */
async function forwardDatabase(profile: string): Promise<Forward> {
  const port = await freePort()
  const words = ['port-forward', '-n', namespace, '--context', profile, `service/${database.name}`]
  const { file, args, windowsVerbatimArguments } = toolCommand('kubectl', [
    ...words,
    `${port}:${database.port}`,
  ])
  const { promise: leads, resolve: leadsNow } = Promise.withResolvers<true>()
  let child: ChildProcess | undefined
  let stopped = false
  let times = 0
  let complaint = ''

  const runOnce = (): Promise<void> =>
    new Promise((resolve) => {
      const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
      child = spawn(file, args, { stdio, windowsVerbatimArguments })
      child.stdout?.on('data', (bytes: Buffer) => {
        if (!String(bytes).includes('Forwarding from')) return
        if (times++ > 0) say(`the database is at 127.0.0.1:${port} again`)
        leadsNow(true)
      })
      child.stderr?.on('data', (bytes: Buffer) => {
        complaint = String(bytes).trim()
      })
      child.on('error', (error) => {
        complaint = error.message
        resolve()
      })
      child.on('exit', () => resolve())
    })
  const keep = async () => {
    while (!stopped) {
      await runOnce()
      await sleep(pauseMs, undefined, { ref: !stopped })
    }
  }
  const stop = () => {
    stopped = true
    child?.kill('SIGTERM')
  }

  void keep()
  if (!(await Promise.race([leads, sleep(patienceMs, false)]))) {
    stop()
    giveUp({
      outcome: 'noAnswer',
      what: `kubectl finds no way to the database of the cluster "${profile}"`,
      words: complaint,
      remedy: commandsFor(profile).deploy('status'),
    })
  }
  return { port, stop }
}

/** The user and the password of the cluster's Secret. */
async function databaseLogin(profile: string): Promise<Credentials> {
  const kubectl = kubectlOf(profile)
  const [found, deployment] = await Promise.all([
    getObjects(kubectl, 'secret', secret),
    getObjects(kubectl, 'deployment', application.deployment),
  ])
  if (databasePlaceOf(deployment) === 'external') {
    giveUp({
      outcome: 'usage',
      what: `the database of "${profile}" is another's: there is no way to it through this cluster`,
      remedy: `its connection string: ${commandsFor(profile).kubectl(`get secret ${uriSecret} -o jsonpath='{.data.uri}'`)} | base64 -d`,
    })
  }
  return (
    readCredentials(JSON.stringify(found ?? null)) ??
    giveUp({
      outcome: 'notDeployed',
      what: `the cluster "${profile}" has no Secret ${secret} with a user and a password`,
      remedy: commandsFor(profile).deploy('up'),
    })
  )
}

/** Runs the code of this folder here: a saved file takes effect within a second. */
async function runCode(profile: string): Promise<void> {
  const deployment = await getObjects(kubectlOf(profile), 'deployment', application.deployment)
  const scope = tokenScopeOf(deployment) ?? 'none'
  const token =
    scope === 'none' ? {} : { API_TOKEN: await apiToken(profile), API_TOKEN_SCOPE: scope }
  const { username, password } = await databaseLogin(profile)
  const { port, stop } = await forwardDatabase(profile)

  say(
    `The code of this folder runs here, on the documents of the cluster "${profile}": what it writes is there.`,
  )
  say(
    'Other than in the cluster: one process and not two to five, no limits of CPU and memory, no network policy,',
  )
  say(
    `a file system that can be written, Node ${process.version} of this folder. Ctrl+C ends it, the cluster goes on.`,
  )
  const flags = ['--watch', '--max-semi-space-size=8', 'src/main.ts']
  const service = spawn(execPath, flags, {
    stdio: 'inherit',
    env: {
      ...env,
      ...token,
      DB_URL: `127.0.0.1:${port}/?directConnection=true`,
      DB_NAME: database.documents,
      USER_NAME: username,
      USER_PWD: password,
    },
  })
  // The service drains first: it has had the same Ctrl+C.
  let interrupted = false
  process.on('SIGINT', () => {
    interrupted = true
  })
  service.on('exit', (code) => {
    stop()
    exit(interrupted ? 130 : (code ?? 1))
  })
}

async function main(): Promise<void> {
  const { profile, flag } = readArguments(['show-password', 'run-code'])
  if (flag('run-code')) return runCode(profile)
  const { username, password } = await databaseLogin(profile)
  const { port, stop } = await forwardDatabase(profile)
  process.on('SIGINT', () => {
    stop()
    exit(130)
  })
  const shown = flag('show-password') ? encodeURIComponent(password) : '<password>'
  const user = encodeURIComponent(username)
  say('The database of the cluster, for MongoDB Compass or mongosh:')
  say(
    `  mongodb://${user}:${shown}@127.0.0.1:${port}/${database.documents}?authSource=admin&directConnection=true`,
  )
  if (!flag('show-password')) {
    say(`With the password in it: ${commandsFor(profile).deploy('database --show-password')}`)
  }
  say('Leave this window open: Ctrl+C ends it, the database goes on.')
}

if (import.meta.main) await main()
