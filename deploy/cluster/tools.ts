// What is needed before anything starts: the tools, new enough, and docker's daemon with enough room.
import { type Answer, ask, listAt, numberAt, parseJson, textAt } from './kubectl.ts'
import {
  askEngine,
  type Engine,
  engineTrouble,
  installCommand,
  type Platform,
  startCommand,
} from './machine.ts'
import { certificateRemedy, type Diagnosis } from './report.ts'

// minikube 1.33 is the first whose Kubernetes (1.30) has `preStop: sleep`; kubectl may be a few versions behind.
const wanted = [
  { tool: 'docker', args: ['--version'], least: '20.10' },
  { tool: 'minikube', args: ['version', '--short'], least: '1.33' },
  { tool: 'kubectl', args: ['version', '--client', '-o', 'json'], least: '1.27' },
]

/** 1.9 GB is minikube's own floor; mongod and two pods of the application need what is above it. */
const leastMemory = 1.9e9
const leastProcessors = 2

/** The first version number in a tool's answer: `v1.34.0-rc.1` is 1.34.0. */
export const versionIn = (answer: string): string => /\d+\.\d+(?:\.\d+)?/.exec(answer)?.[0] ?? ''

/** Whether a version is at least another; by number, so 1.9 is older than 1.27. */
export function atLeast(version: string, least: string): boolean {
  const have = version.split('.').map(Number)
  for (const [index, want] of least.split('.').map(Number).entries()) {
    if ((have[index] ?? 0) !== want) return (have[index] ?? 0) > want
  }
  return true
}

/**
 * Every missing or old tool in one diagnosis, each with the one command that installs it. A push needs
 * docker only.
 */
export async function toolTrouble(
  also: readonly string[],
  platform: Platform,
  command = 'up',
): Promise<Diagnosis | undefined> {
  const others = also.map((tool) => ({ tool, args: ['--version'], least: '0.0' }))
  const needed = wanted.filter(({ tool }) => command !== 'push' || tool === 'docker')
  const found = await Promise.all(
    [...needed, ...others].map(async ({ tool, args, least }) => ({
      tool,
      fault: toolFault(tool, await ask(tool, args), least),
    })),
  )
  const faults = found.flatMap(({ tool, fault }) => {
    if (fault === undefined) return []
    const first = fault.includes('podman') ? 'remove the package podman-docker, then: ' : ''
    return [{ fault, remedy: `${first}${installCommand(tool, platform)}` }]
  })
  if (faults.length === 0) return undefined
  return {
    outcome: 'toolMissing',
    what: faults.map(({ fault }) => fault).join(', '),
    remedy: faults.map(({ remedy }) => remedy).join('\n            '),
  }
}

/** What is wrong with a tool, judging by its answer about its version. */
export function toolFault(tool: string, answer: Answer, least: string): string | undefined {
  if (answer.code === 127) return `${tool} is missing`
  const version = versionIn(answer.out)
  // The package podman-docker puts podman under docker's name.
  if (tool === 'docker' && /podman/i.test(answer.out + answer.err)) {
    return `docker is podman ${version} under docker's name, and minikube's docker driver needs Docker`
  }
  if (answer.code !== 0) {
    return `${tool} cannot say its version: ${(answer.err || answer.out).trim().split('\n')[0]}`
  }
  if (version === '' || atLeast(version, least)) return undefined
  return `${tool} ${version} is too old: ${least} or newer is needed`
}

export interface Docker {
  engine: Engine
  /** What docker says of its engine. */
  info: unknown
  trouble: Diagnosis | undefined
}

/** Docker's engine, or what is wrong with it. */
export async function askDocker(platform: Platform): Promise<Docker> {
  const [engine, answer] = await Promise.all([
    askEngine(),
    ask('docker', ['info', '--format', '{{json .}}'], { seconds: 20 }),
  ])
  const info = parseJson(answer.out)
  const trouble =
    engineTrouble(engine, platform) ??
    daemonTrouble(answer, info, startCommand(engine, platform)) ??
    sizeTrouble(info)
  return { engine, info, trouble }
}

function daemonTrouble(answer: Answer, info: unknown, start: string): Diagnosis | undefined {
  const errors = listAt(info, 'ServerErrors').filter((error) => typeof error === 'string')
  if (answer.code === 0 && errors.length === 0) {
    if (textAt(info, 'OSType') !== 'windows') return undefined
    return {
      outcome: 'dockerDown',
      what: 'docker runs Windows containers, the images here are for Linux',
      remedy: "in Docker Desktop's menu: Switch to Linux containers",
    }
  }
  const words = errors.join('\n') || answer.err || answer.out
  if (/context .*not found/i.test(words)) {
    return {
      outcome: 'dockerDown',
      what: 'docker has no context of the name that it was told to use',
      words,
      remedy: 'docker context use default, and unset DOCKER_CONTEXT; docker context ls names them',
    }
  }
  return {
    outcome: 'dockerDown',
    what: 'the docker daemon does not answer',
    words,
    remedy: /permission denied/i.test(words)
      ? 'sudo usermod -aG docker $USER, then log out and in'
      : (certificateRemedy(words) ?? start),
  }
}

function sizeTrouble(info: unknown): Diagnosis | undefined {
  const memory = numberAt(info, 'MemTotal') ?? leastMemory
  const processors = numberAt(info, 'NCPU') ?? leastProcessors
  if (memory >= leastMemory && processors >= leastProcessors) return undefined
  return {
    outcome: 'tooSmall',
    what: `docker has ${processors} processors and ${(memory / 1e9).toFixed(1)} GB of memory`,
    remedy: `give it ${leastProcessors} processors and 4 GB (Docker Desktop: Settings, Resources)`,
  }
}
