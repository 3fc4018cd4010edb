// The cluster of the end-to-end tests: the three tools, a profile of its own, and how to wait.
import assert from 'node:assert/strict'
import { type ChildProcess, execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Never the profile `minikube`: these tests stop, fill and delete the cluster that they use. */
export const profile = process.env.E2E_PROFILE ?? 'data-service-e2e'

/** The quicker part of the tests only. */
export const short = process.env.E2E_SHORT === '1'

export const root = join(import.meta.dirname, '../../..')

const tools = ['minikube', 'kubectl', 'docker']

const onPath = (tool: string) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** The reason to skip, or false. With CI=true a missing tool is a failure and no reason. */
export function missingTools(): string | false {
  const missing = tools.filter((tool) => !onPath(tool))
  if (missing.length === 0) return false
  const reason = `not on PATH: ${missing.join(', ')}`
  assert.notEqual(process.env.CI, 'true', reason)
  return reason
}

export interface Outcome {
  status: number
  stdout: string
  stderr: string
}

/** Runs a command to its end, at most for some minutes; a failure is an outcome. */
export const attempt = (command: string, args: readonly string[], input = ''): Promise<Outcome> =>
  new Promise((resolve) => {
    const options = { cwd: root, timeout: 240_000, maxBuffer: 2 ** 26 }
    const child = execFile(command, [...args], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ status, stdout, stderr })
    })
    child.stdin?.end(input)
  })

/** Runs a command that must succeed; the answer is its standard output. */
export async function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await attempt(command, args, input)
  assert.equal(status, 0, `${command} ${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`)
  return stdout
}

export const minikube = (...args: string[]) => run('minikube', ['-p', profile, ...args])
export const kubectl = (...args: string[]) => run('kubectl', ['--context', profile, ...args])
export const tryKubectl = (...args: string[]) => attempt('kubectl', ['--context', profile, ...args])

/** Repeats a check until it stops throwing; after the deadline its last error is the test's. */
export async function eventually<T>(seconds: number, check: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(500)
    }
  }
}

// If the node has no address of its own here, `minikube service` is the tunnel and stays running.
const tunnels = new Map<string, { url: string; tunnel: ChildProcess }>()

/** The Service's URL on this machine. */
export function serviceUrl(namespace: string, service: string): Promise<string> {
  const open = tunnels.get(service)
  if (open?.tunnel.exitCode === null) return Promise.resolve(open.url)
  const args = ['-p', profile, 'service', service, '-n', namespace, '--url']
  return new Promise((resolve, reject) => {
    const tunnel = execFile('minikube', args, () => reject(new Error('minikube printed no URL')))
    let text = ''
    tunnel.stdout?.on('data', (chunk: string) => {
      text += chunk
      const url = /^https?:\S+/m.exec(text)?.[0]
      if (url === undefined) return
      tunnels.set(service, { url, tunnel })
      resolve(url)
    })
  })
}

/** Ends the tunnels, which would keep the test from ending. */
export function closeTunnels(): void {
  for (const { tunnel } of tunnels.values()) tunnel.kill('SIGINT')
}
