// Which engine the docker command talks to: one of this system, one in a machine of its own, one far away;
// and so how this machine reaches a node port: directly, or through a tunnel that a program must hold open.
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { env } from 'node:process'
import { list, parse, text } from './json.ts'
import type { Platform } from './platform.ts'
import { commandsFor } from './remedy.ts'
import type { Diagnosis } from './report.ts'
import { ask } from './tool.ts'

export interface Engine {
  /** docker's context, `default` where none was chosen. */
  context: string
  /** `unix:///var/run/docker.sock`, `ssh://me@server`; DOCKER_HOST if that is set. */
  host: string
}

/** Asks docker, which reads DOCKER_HOST, DOCKER_CONTEXT and its own settings. */
export async function askEngine(): Promise<Engine> {
  const [context] = list(parse((await ask('docker', ['context', 'inspect'])).out))
  return {
    context: text(context, 'Name'),
    host: text(context, 'Endpoints', 'docker', 'Host'),
  }
}

/** Whether the engine is on another computer, with the ports of its containers. */
export const isAway = ({ host }: Engine): boolean =>
  /^(?:tcp|ssh|https?):\/\/(?!localhost\b|127\.|\[::1)/.test(host)

/** By the socket's path or the context's name: the program that has the engine, and what starts it. */
const programs: readonly { known: RegExp; name: string; machine: boolean; start: string }[] = [
  { known: /orbstack/, name: 'OrbStack', machine: true, start: 'orb start' },
  { known: /colima/, name: 'Colima', machine: true, start: 'colima start' },
  {
    known: /rancher-desktop|\/\.rd\//,
    name: 'Rancher Desktop',
    machine: true,
    start: 'rdctl start, or start Rancher Desktop (container engine: dockerd)',
  },
  {
    known: /desktop-linux|\.docker\/desktop|\.docker\/run|dockerDesktop/,
    name: 'Docker Desktop',
    machine: true,
    start: 'start Docker Desktop and wait until it says that the engine runs',
  },
  {
    known: /\/run\/user\/\d+\/docker\.sock/,
    name: 'rootless docker',
    machine: false,
    start: 'systemctl --user start docker',
  },
]

const programOf = ({ context, host }: Engine) =>
  programs.find(({ known }) => known.test(`${context} ${host}`))

/** Whether the engine has a machine or a network of its own, whose addresses this one cannot reach. */
export function isApart(engine: Engine, info: unknown): boolean {
  const rootless = list(info, 'SecurityOptions').some(
    (option) => typeof option === 'string' && option.includes('rootless'),
  )
  const desktop = text(info, 'OperatingSystem').includes('Docker Desktop')
  return rootless || desktop || /^tcp:/.test(engine.host) || (programOf(engine)?.machine ?? false)
}

/** What to do where the engine does not answer. */
export function startCommand(engine: Engine, platform: Platform): string {
  const program = programOf(engine)
  const profile = /^colima-(.+)/.exec(engine.context)?.[1]
  if (profile !== undefined) return `colima start ${profile}`
  if (program?.name === 'Docker Desktop' && platform === 'linux') {
    return 'systemctl --user start docker-desktop'
  }
  if (program) return program.start
  if (isAway(engine)) {
    return `docker asks ${engine.host}: start its engine there, or use this computer's: docker context use default, and unset DOCKER_HOST`
  }
  if (platform === 'linux') {
    return existsSync('/run/systemd/system')
      ? 'sudo systemctl start docker'
      : 'sudo service docker start'
  }
  const desktop = 'start Docker Desktop and wait until it says that the engine runs'
  return platform === 'wsl'
    ? `${desktop}; for an engine inside WSL: sudo service docker start`
    : desktop
}

/** What can be told before the engine is asked: docker is podman, or it is the one inside a node. */
export function engineTrouble(
  engine: Engine,
  platform: Platform,
  variables: NodeJS.ProcessEnv = env,
): Diagnosis | undefined {
  const node = variables.MINIKUBE_ACTIVE_DOCKERD
  if (node && variables.DOCKER_HOST) {
    const line = `minikube -p ${node} docker-env -u`
    return {
      outcome: 'dockerDown',
      what: `docker is the one inside minikube's node "${node}" in this shell: minikube docker-env was run here`,
      remedy: platform === 'windows' ? `& ${line} | Invoke-Expression` : `eval $(${line})`,
    }
  }
  if (isAway(engine) || !engine.host.includes('podman')) return undefined
  return {
    outcome: 'dockerDown',
    what: `docker talks to podman (${engine.host}), and minikube's docker driver needs Docker's engine`,
    remedy: "docker context use default, and unset DOCKER_HOST: then it is this computer's Docker",
  }
}

/**
 * On Linux with docker's own engine the node's address is reachable. Where docker runs in a machine of
 * its own (macOS, Windows, WSL, Docker Desktop, Colima, rootless), `minikube service --url` holds a tunnel
 * open and does not return. The rule is minikube's NeedsPortForward. On another computer a published port
 * would be that computer's.
 */
export function waysIn(
  platform: Platform,
  info: unknown,
  engine: Engine,
): 'direct' | 'tunnel' | 'away' {
  if (isAway(engine)) return 'away'
  return platform === 'linux' && !isApart(engine, info) ? 'direct' : 'tunnel'
}

/** What is to be known of an engine on another computer. */
export const awayNote = ({ host }: Engine, profile: string): string =>
  `docker's engine is on another computer (${host}): the node's ports are there too, and the URL needs ${commandsFor(profile).deploy('open')}.`

/**
 * What `minikube start --ports` is to publish, so that the URL needs no tunnel. It can only be said when
 * the cluster is made, and a port that is taken would make the start fail: then nothing is published.
 */
export const publishedPort = async (port: number): Promise<string> =>
  (await isFreePort(port)) ? `127.0.0.1:${port}:${port}` : ''

/** Whether nobody on this machine listens on the port of 127.0.0.1. */
export function isFreePort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
