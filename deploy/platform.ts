// What kind of machine this is, as far as tools and tunnels differ.
import { env, platform as nodePlatform } from 'node:process'

export type Platform = 'linux' | 'wsl' | 'macos' | 'windows'

/** WSL calls itself Linux and has Windows' network; minikube tells by the same variable. */
export function platformOf(
  name: string = nodePlatform,
  variables: NodeJS.ProcessEnv = env,
): Platform {
  if (name === 'win32') return 'windows'
  if (name === 'darwin') return 'macos'
  return variables.WSL_DISTRO_NAME || variables.WSLPATH ? 'wsl' : 'linux'
}

const packages: Record<string, Record<Platform, string>> = {
  docker: {
    windows: 'winget install -e --id Docker.DockerDesktop',
    macos: 'brew install --cask docker-desktop',
    linux: 'sudo apt-get install -y docker.io',
    wsl: 'sudo apt-get install -y docker.io',
  },
  minikube: {
    windows: 'winget install -e --id Kubernetes.minikube',
    macos: 'brew install minikube',
    // Not in Debian's or Ubuntu's archive: minikube's own package, in the form its site gives.
    linux: debian('minikube'),
    wsl: debian('minikube'),
  },
  kubectl: {
    windows: 'winget install -e --id Kubernetes.kubectl',
    macos: 'brew install kubernetes-cli',
    linux: 'sudo snap install kubectl --classic',
    wsl: 'sudo snap install kubectl --classic',
  },
  curl: {
    windows: 'winget install -e --id cURL.cURL',
    macos: 'brew install curl',
    linux: 'sudo apt-get install -y curl',
    wsl: 'sudo apt-get install -y curl',
  },
}

function debian(name: string): string {
  const file = `${name}_latest_$(dpkg --print-architecture).deb`
  const site = 'https://storage.googleapis.com/minikube/releases/latest'
  return `curl -LO "${site}/${file}" && sudo apt-get install -y "./${file}"`
}

/** The one command that installs the tool here. */
export const installCommand = (tool: string, platform: Platform = platformOf()): string =>
  packages[tool]?.[platform] ?? `install ${tool}`
