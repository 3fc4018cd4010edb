// Asks kubectl, minikube and docker of this cluster and no other, and reads what they answer.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { win32 } from 'node:path'
import { env, platform } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { databaseNamespace } from '../../manifests/names.ts'
import { cannotAsk } from './reach.ts'
import { type Commands, type Diagnosis, giveUp, say } from './report.ts'
import type { Trouble } from './trouble.ts'

/** On minikube the application and its database share one namespace. */
export const namespace = databaseNamespace

export interface Kubectl {
  (args: readonly string[], options?: { seconds?: number; input?: string }): Promise<Answer>
  profile: string
}

/** A kubectl bound to a minikube profile, whose context has the profile's name. */
export const kubectlOf = (profile: string): Kubectl =>
  Object.assign(
    ([word = '', ...rest]: readonly string[], options?: { seconds?: number; input?: string }) =>
      // Right after the command: what follows a `--` would go to the program in the container.
      ask('kubectl', [word, '-n', namespace, '--context', profile, ...rest], options),
    { profile },
  )

/** The answer to a question: an object, undefined if there is none, or why there is no answer. */
type Found = { object: unknown } | { failure: string }

/** The object or list of a `kubectl get`. A question that fails is not an answer: it says nothing of objects. */
export async function findObjects(kubectl: Kubectl, ...what: string[]): Promise<Found> {
  const answer = await kubectl(['get', ...what, '--ignore-not-found', '-o', 'json'])
  if (answer.code === 0) return { object: parseJson(answer.out) }
  return { failure: answer.err.trim() || `kubectl ended with ${answer.code} and said nothing` }
}

/** The same for callers that cannot go on without an answer: if the question fails, the program ends. */
export async function getObjects(kubectl: Kubectl, ...what: string[]): Promise<unknown> {
  const found = await findObjects(kubectl, ...what)
  return 'object' in found ? found.object : giveUp(cannotAsk(kubectl.profile, found.failure))
}

// Nodes and namespaces do not belong to a namespace; kubectl returns them all.
// biome-ignore format: by kind, some in a line
const kinds = [
  'deployments', 'statefulsets', 'replicasets', 'services', 'endpointslices', 'hpa', 'pvc',
  'pods', 'events', 'nodes', 'namespaces',
].join(',')

type Snapshot = { items: unknown[] } | { failure: string }

/** All objects that a wait or a status looks at, in one question, or why kubectl could not tell. */
export async function takeSnapshot(kubectl: Kubectl): Promise<Snapshot> {
  const found = await findObjects(kubectl, kinds)
  return 'failure' in found ? found : { items: listAt(found.object, 'items') }
}

// Asks minikube, kubectl or docker a question and returns the answer; never throws, never hangs.

export interface Answer {
  /** 127 if the tool is not there, 124 if it did not answer in time. */
  code: number
  out: string
  err: string
}

/** Runs the tool without a shell, so that no argument needs quoting on any platform. */
export function ask(
  tool: string,
  args: readonly string[],
  { seconds = 30, input = '' }: { seconds?: number; input?: string } = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const { file, args: words, windowsVerbatimArguments } = toolCommand(tool, args)
    const child = spawn(file, words, { stdio: ['pipe', 'pipe', 'pipe'], windowsVerbatimArguments })
    let out = ''
    let err = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, seconds * 1000)
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ code: 127, out: '', err: error.message })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      const said = late ? `${err}${tool} did not answer within ${seconds} s` : err
      resolve({ code: late ? 124 : (code ?? 1), out, err: said })
    })
    child.stdin.on('error', () => {}) // the tool may end without reading
    child.stdin.end(input)
  })
}

interface ToolCommand {
  file: string
  args: readonly string[]
  /** For Windows: the arguments are quoted already. */
  windowsVerbatimArguments: boolean
}

/**
 * The arguments for spawn, which does not find a .cmd or .bat file by a bare name, nor start one without
 * cmd.exe. That needs the whole line in one pair of quotes.
 */
export function toolCommand(
  tool: string,
  args: readonly string[],
  system: string = platform,
  variables: NodeJS.ProcessEnv = env,
  exists: (path: string) => boolean = existsSync,
): ToolCommand {
  const found = system === 'win32' ? onWindows(tool, variables.PATH ?? '', exists) : undefined
  if (found === undefined || !/\.(?:cmd|bat)$/.test(found)) {
    return { file: tool, args, windowsVerbatimArguments: false }
  }
  const line = [found, ...args].map((word) => `"${word.replaceAll('"', '\\"')}"`).join(' ')
  return {
    file: variables.ComSpec || 'cmd.exe',
    args: ['/d', '/s', '/c', `"${line}"`],
    windowsVerbatimArguments: true,
  }
}

// In the order of Windows' own PATHEXT.
const endings = ['.com', '.exe', '.bat', '.cmd']

const onWindows = (tool: string, path: string, exists: (path: string) => boolean) =>
  path
    .split(';')
    .flatMap((folder) => endings.map((ending) => win32.join(folder, `${tool}${ending}`)))
    .find(exists)

// Reads what kubectl and minikube answer as JSON without trusting its shape, and finds objects in it.

/** The value at a path, or undefined if any step of it is missing. */
export function valueAt(value: unknown, ...path: (string | number)[]): unknown {
  let here = value
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = Object.entries(here).find(([key]) => key === `${step}`)?.[1]
  }
  return here
}

/** The text at a path, or an empty one. */
export function textAt(value: unknown, ...path: (string | number)[]): string {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The number at a path, or undefined. */
export function numberAt(value: unknown, ...path: (string | number)[]): number | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** The list at a path, or an empty one. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found: unknown = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The value of the JSON text; undefined if it is not JSON: minikube prints other things at times. */
export function parseJson(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

/** For a filter: whether an object is of this kind. */
export const isKind = (kind: string) => (item: unknown) => textAt(item, 'kind') === kind

/** An object's name. */
export const nameOf = (item: unknown) => textAt(item, 'metadata', 'name')

/** The object of a kind and name among these. */
export const findObject = (items: readonly unknown[], kind: string, name: string): unknown =>
  items.find((item) => isKind(kind)(item) && nameOf(item) === name)

// A namespace that is being removed: nothing can be made in it, and something may keep it from ending.

/** The trouble, with the namespace's own conditions, which say why it waits. */
export function namespaceTrouble(
  items: readonly unknown[],
  { kubectl, deploy }: Commands,
): Trouble | undefined {
  const found = findObject(items, 'Namespace', databaseNamespace)
  if (valueAt(found, 'metadata', 'deletionTimestamp') === undefined) return undefined
  const words = listAt(found, 'status', 'conditions')
    .filter((condition) => textAt(condition, 'status') === 'True')
    .map((condition) => `${textAt(condition, 'reason')}: ${textAt(condition, 'message')}`)
    .join('\n')
  const held = /finalizer/i.test(words)
  return {
    outcome: 'refused',
    what: `the namespace ${databaseNamespace} is being removed, and nothing can be made in it`,
    words,
    remedy: held
      ? `take the finalizer that it names off its object (${kubectl('edit KIND/NAME')}), then ${deploy('up')}; the documents stay in /data/mongodb of the node`
      : `wait until it has gone (${kubectl(`wait --for=delete namespace/${databaseNamespace} --timeout=300s`)}), then ${deploy('up')}`,
    // It ends unless a finalizer holds it: the wait goes on to its deadline.
    patience: Number.POSITIVE_INFINITY,
  }
}

const removalDeadline = 120
const pollMs = 2000

/** Waits for the end of a namespace that is being removed, if it is. Returns what keeps it, if it stays. */
export async function awaitNamespace(
  kubectl: Kubectl,
  commands: Commands,
): Promise<Diagnosis | undefined> {
  const began = Date.now()
  let last: Diagnosis | undefined
  while (true) {
    const found = await findObjects(kubectl, 'namespace', databaseNamespace)
    const trouble = 'object' in found ? namespaceTrouble([found.object], commands) : undefined
    if (trouble === undefined && (last === undefined || 'object' in found)) return undefined
    if (last === undefined && trouble) say(`${trouble.what}: waiting for its end\n${trouble.words}`)
    last = trouble ?? last
    if (last && Date.now() - began > removalDeadline * 1000) return last
    await sleep(pollMs)
  }
}
