// What kind of machine this is: its tools, tunnels and folders, what installs a tool, and docker's engine.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { arch, env, platform as nodePlatform } from 'node:process'
import { ask, listAt, parseJson, textAt } from './kubectl.ts'
import { commandsFor, type Diagnosis } from './report.ts'

export type Platform = 'linux' | 'wsl' | 'macos' | 'windows'

/** Where minikube may keep a file: MINIKUBE_HOME may name its folder or the one above. */
export function minikubePaths(path: string): string[] {
  const home = env.MINIKUBE_HOME || join(homedir(), '.minikube')
  return [join(home, path), join(home, '.minikube', path)]
}

/** WSL calls itself Linux and has Windows' network; minikube recognises it by the same variable. */
export function platformOf(
  name: string = nodePlatform,
  variables: NodeJS.ProcessEnv = env,
): Platform {
  if (name === 'win32') return 'windows'
  if (name === 'darwin') return 'macos'
  return variables.WSL_DISTRO_NAME || variables.WSLPATH ? 'wsl' : 'linux'
}

/**
 * A folder without a drive letter: cmd.exe cannot have it as its current folder and goes to C:\Windows,
 * and npm and its programs are started by cmd.exe.
 */
export function folderTrouble(folder: string): Diagnosis | undefined {
  if (!/^\\\\[^?.]/.test(folder)) return undefined
  return {
    outcome: 'usage',
    what: `the project is in ${folder}, which has no drive letter: npm cannot run there`,
    remedy: /^\\\\wsl[.$]/i.test(folder)
      ? 'run the bash script inside WSL'
      : 'clone it to a local drive, or give that one a letter: net use Z: \\\\SERVER\\SHARE',
  }
}

/** Linux distributions whose packages have the same names. */
type Family = 'debian' | 'fedora' | 'rhel' | 'arch' | 'suse' | 'alpine' | 'unknown'

const families: Record<string, Family> = {
  debian: 'debian',
  ubuntu: 'debian',
  fedora: 'fedora',
  rhel: 'rhel',
  centos: 'rhel',
  ol: 'rhel',
  arch: 'arch',
  suse: 'suse',
  opensuse: 'suse',
  alpine: 'alpine',
}

/** Reads /etc/os-release: its ID, and then what it says it is like. */
export function familyOf(osRelease: string): Family {
  const values = (name: string) =>
    (new RegExp(`^${name}=["']?([^"'\\r\\n]*)`, 'm').exec(osRelease)?.[1] ?? '').split(' ')
  const names = [...values('ID'), ...values('ID_LIKE')]
  return names.map((name) => families[name]).find((family) => family !== undefined) ?? 'unknown'
}

function thisFamily(): Family {
  const file = ['/etc/os-release', '/usr/lib/os-release'].find((path) => existsSync(path))
  return familyOf(file === undefined ? '' : readFileSync(file, 'utf8'))
}

const elsewhere: Record<'windows' | 'macos', Record<string, string>> = {
  windows: {
    docker: 'winget install -e --id Docker.DockerDesktop',
    buildx: 'winget upgrade -e --id Docker.DockerDesktop',
    minikube: 'winget install -e --id Kubernetes.minikube',
    kubectl: 'winget install -e --id Kubernetes.kubectl',
    curl: 'winget install -e --id cURL.cURL',
  },
  macos: {
    docker: 'brew install --cask docker-desktop',
    buildx: 'brew install docker-buildx',
    minikube: 'brew install minikube',
    kubectl: 'brew install kubernetes-cli',
    curl: 'brew install curl',
  },
}

const begin = 'sudo systemctl enable --now docker'
const dockerOnRhel =
  'sudo dnf install -y dnf-plugins-core && sudo dnf config-manager --add-repo https://download.docker.com/linux/rhel/docker-ce.repo && sudo dnf install -y docker-ce docker-ce-cli containerd.io'

const onLinux: Record<Family, Record<string, string>> = {
  debian: {
    docker: 'sudo apt-get install -y docker.io',
    // The distribution's, or that of Docker's own repository.
    buildx: 'sudo apt-get install -y docker-buildx || sudo apt-get install -y docker-buildx-plugin',
    curl: 'sudo apt-get install -y curl',
    // Not in Debian's or Ubuntu's archive: minikube's own package, in the form its site gives.
    minikube:
      'curl -LO "https://storage.googleapis.com/minikube/releases/latest/minikube_latest_$(dpkg --print-architecture).deb" && sudo apt-get install -y "./minikube_latest_$(dpkg --print-architecture).deb"',
  },
  fedora: {
    docker: `sudo dnf install -y moby-engine && ${begin}`,
    buildx: 'sudo dnf install -y docker-buildx',
    curl: 'sudo dnf install -y curl',
  },
  // Docker's own repository: Red Hat's has podman only.
  rhel: {
    docker: `${dockerOnRhel} && ${begin}`,
    buildx: 'sudo dnf install -y docker-buildx-plugin',
    curl: 'sudo dnf install -y curl',
  },
  arch: {
    docker: `sudo pacman -S --needed docker && ${begin}`,
    buildx: 'sudo pacman -S --needed docker-buildx',
    minikube: 'sudo pacman -S --needed minikube',
    kubectl: 'sudo pacman -S --needed kubectl',
    curl: 'sudo pacman -S --needed curl',
  },
  suse: {
    docker: `sudo zypper install -y docker && ${begin}`,
    buildx: 'sudo zypper install -y docker-buildx',
    curl: 'sudo zypper install -y curl',
  },
  alpine: {
    buildx: 'sudo apk add docker-cli-buildx',
    docker: 'sudo apk add docker && sudo rc-update add docker && sudo service docker start',
    kubectl: 'sudo apk add kubectl',
    curl: 'sudo apk add curl',
  },
  unknown: { docker: "install docker by your distribution's means, or see docs.docker.com/engine" },
}

// In the forms that their sites give for every Linux.
function asOneFile(tool: string): string | undefined {
  const processor = arch === 'x64' ? 'amd64' : arch
  if (tool === 'minikube') {
    const file = `minikube-linux-${processor}`
    return `curl -LO https://storage.googleapis.com/minikube/releases/latest/${file} && sudo install ${file} /usr/local/bin/minikube`
  }
  if (tool !== 'kubectl') return undefined
  return `curl -LO "https://dl.k8s.io/release/$(curl -Ls https://dl.k8s.io/release/stable.txt)/bin/linux/${processor}/kubectl" && sudo install kubectl /usr/local/bin/kubectl`
}

/** The command for this machine, or for another. */
export function installCommand(
  tool: string,
  platform: Platform = platformOf(),
  family: Family = thisFamily(),
): string {
  const found =
    platform === 'windows' || platform === 'macos'
      ? elsewhere[platform][tool]
      : (onLinux[family][tool] ?? asOneFile(tool))
  return found ?? `install ${tool}`
}

// Which engine the docker command talks to: one of this system, one in a machine of its own, one far away;
// and so how this machine reaches a node port: directly, or through a tunnel that a program must hold open.

export interface Engine {
  /** docker's context, `default` if none was chosen. */
  context: string
  /** `unix:///var/run/docker.sock`, `ssh://me@server`; DOCKER_HOST if that is set. */
  host: string
}

/** Asks docker, which reads DOCKER_HOST, DOCKER_CONTEXT and its own settings. */
export async function askEngine(): Promise<Engine> {
  const [context] = listAt(parseJson((await ask('docker', ['context', 'inspect'])).out))
  return {
    context: textAt(context, 'Name'),
    host: textAt(context, 'Endpoints', 'docker', 'Host'),
  }
}

/** Whether the engine is on another computer, with the ports of its containers. */
const isRemote = ({ host }: Engine): boolean =>
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
function isApart(engine: Engine, info: unknown): boolean {
  const rootless = listAt(info, 'SecurityOptions').some(
    (option) => typeof option === 'string' && option.includes('rootless'),
  )
  const desktop = textAt(info, 'OperatingSystem').includes('Docker Desktop')
  return rootless || desktop || /^tcp:/.test(engine.host) || (programOf(engine)?.machine ?? false)
}

/** What to do if the engine does not answer. */
export function startCommand(engine: Engine, platform: Platform): string {
  const program = programOf(engine)
  const profile = /^colima-(.+)/.exec(engine.context)?.[1]
  if (profile !== undefined) return `colima start ${profile}`
  if (program?.name === 'Docker Desktop' && platform === 'linux') {
    return 'systemctl --user start docker-desktop'
  }
  if (program) return program.start
  if (isRemote(engine)) {
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

/** What is known before the engine is asked: docker is podman, or the one inside a node. */
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
  if (isRemote(engine) || !engine.host.includes('podman')) return undefined
  return {
    outcome: 'dockerDown',
    what: `docker talks to podman (${engine.host}), and minikube's docker driver needs Docker's engine`,
    remedy: "docker context use default, and unset DOCKER_HOST: then it is this computer's Docker",
  }
}

/**
 * On Linux with docker's own engine the node's address is reachable. If docker runs in a machine of
 * its own (macOS, Windows, WSL, Docker Desktop, Colima, rootless), `minikube service --url` holds a tunnel
 * open and does not return. The rule is minikube's NeedsPortForward. On another computer a published port
 * would be that computer's.
 */
export function waysIn(
  platform: Platform,
  info: unknown,
  engine: Engine,
): 'direct' | 'tunnel' | 'away' {
  if (isRemote(engine)) return 'away'
  return platform === 'linux' && !isApart(engine, info) ? 'direct' : 'tunnel'
}

/** What to know about an engine on another computer. */
export const remoteNote = ({ host }: Engine, profile: string): string =>
  `docker's engine is on another computer (${host}): the node's ports are there too, and the URL needs ${commandsFor(profile).deploy('open')}.`

/**
 * What `minikube start --ports` is to publish, so that the URL needs no tunnel. It can only be set when the
 * cluster is made, and a port that is taken would make the start fail: then nothing is published.
 */
export const publishedPort = async (port: number): Promise<string> =>
  (await isFreePort(port)) ? `127.0.0.1:${port}:${port}` : ''

/** Whether nothing on this machine listens on the port of 127.0.0.1. */
export function isFreePort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
