// What must be there before anything starts: the tools, new enough, and docker's daemon with enough room.
import { at, list, number, parse, text } from './json.ts'
import { installCommand, type Platform } from './platform.ts'
import type { Diagnosis } from './report.ts'
import { type Answer, ask } from './tool.ts'

// minikube 1.33 is the first whose Kubernetes (1.30) knows `preStop: sleep`; kubectl may lag by a few.
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

/** Every missing or old tool in one diagnosis, each with the one command that installs it. */
export async function toolTrouble(
  also: readonly string[],
  platform: Platform,
): Promise<Diagnosis | undefined> {
  const faults: { tool: string; fault: string }[] = []
  const others = also.map((tool) => ({ tool, args: ['--version'], least: '0.0' }))
  for (const { tool, args, least } of [...wanted, ...others]) {
    const answer = await ask(tool, args)
    const version = versionIn(answer.out)
    if (answer.code === 127) faults.push({ tool, fault: `${tool} is missing` })
    else if (version !== '' && !atLeast(version, least)) {
      faults.push({ tool, fault: `${tool} ${version} is too old: ${least} or newer is needed` })
    }
  }
  if (faults.length === 0) return undefined
  return {
    outcome: 'toolMissing',
    what: faults.map(({ fault }) => fault).join(', '),
    remedy: faults.map(({ tool }) => installCommand(tool, platform)).join('\n            '),
  }
}

/** Docker's own account of itself, or what is wrong with it. */
export async function dockerTrouble(
  platform: Platform,
): Promise<{ info: unknown; trouble: Diagnosis | undefined }> {
  const answer = await ask('docker', ['info', '--format', '{{json .}}'], { seconds: 20 })
  const info = parse(answer.out)
  return { info, trouble: daemonTrouble(answer, info, platform) ?? sizeTrouble(info) }
}

function daemonTrouble(answer: Answer, info: unknown, platform: Platform): Diagnosis | undefined {
  const errors = list(info, 'ServerErrors').filter((error) => typeof error === 'string')
  if (answer.code === 0 && errors.length === 0) {
    if (text(info, 'OSType') !== 'windows') return undefined
    return {
      outcome: 'dockerDown',
      what: 'docker runs Windows containers, the images here are for Linux',
      remedy: "in Docker Desktop's menu: Switch to Linux containers",
    }
  }
  const words = errors.join('\n') || answer.err || answer.out
  return {
    outcome: 'dockerDown',
    what: 'the docker daemon does not answer',
    words,
    remedy: /permission denied/i.test(words)
      ? 'sudo usermod -aG docker $USER, then log out and in'
      : platform === 'linux'
        ? 'sudo systemctl start docker'
        : 'start Docker Desktop and wait until it says that the engine runs',
  }
}

function sizeTrouble(info: unknown): Diagnosis | undefined {
  const memory = number(info, 'MemTotal') ?? leastMemory
  const processors = number(info, 'NCPU') ?? leastProcessors
  if (memory >= leastMemory && processors >= leastProcessors) return undefined
  return {
    outcome: 'tooSmall',
    what: `docker has ${processors} processors and ${(memory / 1e9).toFixed(1)} GB of memory`,
    remedy: `give it ${leastProcessors} processors and 4 GB (Docker Desktop: Settings, Resources)`,
  }
}

/** Whether docker runs in a machine of its own, whose addresses this one cannot reach. */
export function isRemoteDocker(info: unknown, dockerHost: string): boolean {
  const rootless = list(at(info), 'SecurityOptions').some(
    (option) => typeof option === 'string' && option.includes('rootless'),
  )
  const desktop = text(info, 'OperatingSystem').includes('Docker Desktop')
  return rootless || desktop || /^(tcp|ssh):/.test(dockerHost)
}
