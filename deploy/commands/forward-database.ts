// forward-database.ts [--show-password]: holds a way from this machine to the cluster's database open, for Compass
// and mongosh, and for whoever imports it.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import process, { exit } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Credentials, readCredentials } from '../../manifests/credentials.ts'
import { application, database, secret, uriSecret } from '../../manifests/names.ts'
import { get, kubectlOf, namespace, toolCommand } from '../cluster/kubectl.ts'
import { isFreePort } from '../cluster/machine.ts'
import { commandsFor, giveUp, say } from '../cluster/report.ts'
import { databasePlaceOf } from '../cluster/workload.ts'
import { readArguments } from './command-line.ts'

export interface Forward {
  /** On 127.0.0.1. */
  readonly port: number
  stop(): void
}

/** The database's own port, or the next one that nobody has. */
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
 * is no database to lead to.
 */
export async function forwardDatabase(profile: string): Promise<Forward> {
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
export async function databaseLogin(profile: string): Promise<Credentials> {
  const kubectl = kubectlOf(profile)
  const [found, deployment] = await Promise.all([
    get(kubectl, 'secret', secret),
    get(kubectl, 'deployment', application.deployment),
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

async function main(): Promise<void> {
  const { profile, flag } = readArguments(['show-password'])
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
