// push.ts IMAGE [--platform LIST]: docker push, or a build for several processors with its push; and why it failed,
// if it did. Nothing is checked beforehand: only the registry knows.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env, exit, stderr } from 'node:process'
import { ask, listAt, parseJson, textAt, toolCommand, valueAt } from '../cluster/kubectl.ts'
import { installCommand } from '../cluster/machine.ts'
import { certificateRemedy, commandsFor, type Diagnosis, giveUp, say } from '../cluster/report.ts'
import { readArguments } from '../commands/command-line.ts'

/** Its progress goes to the screen as it is; its complaints do too, and are kept. */
function runDocker(command: readonly string[]): Promise<{ code: number; complaint: string }> {
  return new Promise((resolve) => {
    const { file, args, windowsVerbatimArguments } = toolCommand('docker', command)
    const docker = spawn(file, args, {
      stdio: ['ignore', 'inherit', 'pipe'],
      windowsVerbatimArguments,
    })
    let complaint = ''
    docker.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint += chunk
      stderr.write(chunk)
    })
    docker.on('error', (error) => (complaint += error.message))
    docker.on('close', (code) => resolve({ code: code ?? 1, complaint }))
  })
}

/** The kinds of processors of the cluster's nodes; none if there is no cluster to ask. */
async function processorsOfNodes(profile: string): Promise<string[]> {
  const get = ['get', 'nodes', '--context', profile, '-o', 'json', '--request-timeout=5s']
  const nodes = listAt(parseJson((await ask('kubectl', get, { seconds: 10 })).out), 'items')
  return [...new Set(nodes.map((node) => textAt(node, 'status', 'nodeInfo', 'architecture')))]
}

/** The kinds of processors that the image is for; none if docker does not say. */
async function processorsOfImage(image: string, platforms: string | undefined): Promise<string[]> {
  if (platforms !== undefined) {
    return platforms.split(',').map((platform) => platform.split('/')[1] ?? '')
  }
  const built = await ask('docker', ['image', 'inspect', image, '--format', '{{.Architecture}}'])
  return built.code === 0 ? [built.out.trim()] : []
}

async function main(): Promise<void> {
  const { profile, words, value } = readArguments([], ['platform'])
  const [image = ''] = words
  const platforms = value('platform')
  // Docker does not keep an image for several processors: one command builds, names and pushes it.
  const command =
    platforms === undefined
      ? ['push', image]
      : ['buildx', 'build', '--platform', platforms, '-t', image, '--push', '.']
  const { code, complaint } = await runDocker(command)
  // Ctrl+C: the scripts report that themselves.
  if (code === 130) exit(code)
  if (code !== 0) {
    const file = join(env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json')
    const config = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined
    const trouble = platforms === undefined ? pushTrouble : buildxTrouble
    giveUp(trouble(image, complaint, config))
  }
  const [built, needed] = await Promise.all([
    processorsOfImage(image, platforms),
    processorsOfNodes(profile),
  ])
  const without = needed.filter((processor) => !built.includes(processor))
  if (built.length > 0 && without.length > 0) {
    const all = [...new Set([...built, ...needed])]
      .map((processor) => `linux/${processor}`)
      .join(',')
    say(
      `Note: ${image} is for ${built.join(', ')}, and the nodes of "${profile}" are ${needed.join(', ')}: on ${without.join(', ')} it ends with "exec format error". For all of them: ${commandsFor(profile).deploy(`push ${image} --platform ${all}`)}`,
    )
  }
}

// Why a registry refused an image, or a build for several processors failed, by docker's own words.

const notLoggedIn =
  /denied|unauthorized|no basic auth credentials|authentication required|insufficient_scope|error getting credentials|expired/i

/** The program that gives docker its login for the registry, by docker's config.json. */
export function helperOf(config: unknown, registry: string): string | undefined {
  const named = registryKeys(registry).map((key) => textAt(config, 'credHelpers', key))
  const helper = named.find((name) => name !== '') ?? textAt(config, 'credsStore')
  return helper === '' ? undefined : `docker-credential-${helper}`
}

/** Whether docker's config.json names a login; with a credential store its password is in the store. */
const hasLogin = (config: unknown, registry: string) =>
  registryKeys(registry).some((key) => valueAt(config, 'auths', key) !== undefined)

/** What a failed push means. `words` is docker's standard error, `config` its config.json. */
export function pushTrouble(image: string, words: string, config: unknown): Diagnosis {
  const registry = registryOf(image)
  if (!notLoggedIn.test(words)) {
    return {
      outcome: 'push',
      what: `${image} could not be pushed; docker names its reason above`,
      remedy: certificateRemedy(words) ?? remedyFor(registry, words),
    }
  }
  const helper = helperOf(config, registry)
  const login = registry === 'docker.io' ? 'docker login' : `docker login ${registry}`
  // Docker Desktop's and the system's stores keep what docker login brings; others sign in themselves.
  const keeps = /-(?:desktop|desktop\.exe|osxkeychain|wincred|secretservice|pass)$/.test(
    helper ?? '-pass',
  )
  if (keeps) {
    return {
      outcome: 'notLoggedIn',
      what: hasLogin(config, registry)
        ? `${registry} does not let the account of this docker login push ${image}`
        : `docker is not logged in to ${registry}`,
      remedy: `${login}, with an account that may write to ${image.replace(/:[^:/]*$/, '')}`,
    }
  }
  return {
    outcome: 'notLoggedIn',
    what: `${registry} does not take what ${helper} gives as its login`,
    remedy: `sign in with the tool that ${helper} belongs to, with an account that may write there; or: ${login}`,
  }
}

// A builder beside docker's own, which is left as it is. network=host: a registry on this machine is reached too.
const newBuilder =
  'docker buildx create --name several --driver docker-container --driver-opt network=host --use (a builder beside docker\'s own, which "docker buildx use default" takes again), then the same command again'

/** What a failed build for several processors means, which is a push too. */
export function buildxTrouble(image: string, words: string, config: unknown): Diagnosis {
  const certificate = certificateRemedy(words)
  if (
    /is not a docker command|unknown command: docker buildx|unknown flag: --platform/.test(words)
  ) {
    return {
      outcome: 'toolMissing',
      what: 'docker has no buildx, which builds for several processors',
      remedy: installCommand('buildx'),
    }
  }
  if (/multi-?platform build is not supported|multiple platforms feature/i.test(words)) {
    return {
      outcome: 'build',
      what: "docker's own builder builds for one processor at a time",
      remedy: newBuilder,
    }
  }
  if (/exec format error/.test(words)) {
    return {
      outcome: 'build',
      what: 'this machine does not run the programs of the other processor, and the build needs some',
      remedy:
        'docker run --privileged --rm tonistiigi/binfmt --install all (an emulator for them, until this machine starts anew), then the same command again',
    }
  }
  if (/\bpushing\b|failed to push/.test(words)) return pushTrouble(image, words, config)
  return {
    outcome: 'build',
    what: 'docker buildx build failed; its last lines above say where',
    remedy: certificate ?? 'mend what they name and run the same command again',
  }
}

function remedyFor(registry: string, words: string): string {
  if (/HTTP response to HTTPS client/.test(words)) {
    return `${registry} has no TLS: add it to insecure-registries in docker's daemon.json, and start docker again`
  }
  return /refused|no such host|timeout|timed out/i.test(words)
    ? `is ${registry} the right name, and does it run? docker's engine must reach it, not only this shell`
    : 'mend what docker names above, and run the same command again'
}

const hub = 'docker.io'

/** The registry of `host[:port]/path[:tag]`; without a host it is Docker Hub. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/')
  // A first part with a dot, a colon or the name localhost is a host; `me/data-service` has none.
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : hub
}

/** The keys under which docker's config.json may keep a login. */
export const registryKeys = (registry: string): string[] =>
  registry === hub
    ? ['https://index.docker.io/v1/', 'index.docker.io', hub]
    : [registry, `https://${registry}`, `https://${registry}/v1/`, `https://${registry}/v2/`]

if (import.meta.main) await main()
