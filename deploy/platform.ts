// What kind of machine this is, as far as tools, tunnels and folders differ, and what installs a tool on it.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { arch, env, platform as nodePlatform } from 'node:process'
import type { Diagnosis } from './report.ts'

export type Platform = 'linux' | 'wsl' | 'macos' | 'windows'

/** The places in which minikube may have a file of its own: MINIKUBE_HOME may name its folder or the one above. */
export function minikubePaths(path: string): string[] {
  const home = env.MINIKUBE_HOME || join(homedir(), '.minikube')
  return [join(home, path), join(home, '.minikube', path)]
}

/** WSL calls itself Linux and has Windows' network; minikube tells by the same variable. */
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

/** The distributions of Linux that name their packages alike. */
export type Family = 'debian' | 'fedora' | 'rhel' | 'arch' | 'suse' | 'alpine' | 'unknown'

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
