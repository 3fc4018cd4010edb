// push.ts IMAGE [--platform LIST]: docker push, or a build for several processors with its push; and why it failed,
// if it did. Nothing is checked before: only the registry knows.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env, exit, stderr } from 'node:process'
import { readArguments } from '../command-line.ts'
import { buildxTrouble, pushTrouble } from '../image/push-trouble.ts'
import { list, parse, text } from '../json.ts'
import { commandsFor } from '../remedy.ts'
import { giveUp, say } from '../report.ts'
import { ask, toolCommand } from '../tool.ts'

const { profile, words, value } = readArguments([], ['platform'])
const [image = ''] = words
const platforms = value('platform')
// For several processors docker keeps no image of its own: one command builds, names and pushes it.
const command =
  platforms === undefined
    ? ['push', image]
    : ['buildx', 'build', '--platform', platforms, '-t', image, '--push', '.']

/** Its progress goes to the screen as it is; its complaints too, and are read. */
function push(): Promise<{ code: number; complaint: string }> {
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
async function processorsOfNodes(): Promise<string[]> {
  const get = ['get', 'nodes', '--context', profile, '-o', 'json', '--request-timeout=5s']
  const nodes = list(parse((await ask('kubectl', get, { seconds: 10 })).out), 'items')
  return [...new Set(nodes.map((node) => text(node, 'status', 'nodeInfo', 'architecture')))]
}

/** The kinds of processors that the image is for; none if docker does not say. */
async function processorsOfImage(): Promise<string[]> {
  if (platforms !== undefined) {
    return platforms.split(',').map((platform) => platform.split('/')[1] ?? '')
  }
  const built = await ask('docker', ['image', 'inspect', image, '--format', '{{.Architecture}}'])
  return built.code === 0 ? [built.out.trim()] : []
}

const { code, complaint } = await push()
// Ctrl+C: the scripts tell of that themselves.
if (code === 130) exit(code)
if (code !== 0) {
  const file = join(env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json')
  const config = existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined
  const trouble = platforms === undefined ? pushTrouble : buildxTrouble
  giveUp(trouble(image, complaint, config))
}
const [built, needed] = await Promise.all([processorsOfImage(), processorsOfNodes()])
const without = needed.filter((processor) => !built.includes(processor))
if (built.length > 0 && without.length > 0) {
  const all = [...new Set([...built, ...needed])].map((processor) => `linux/${processor}`).join(',')
  say(
    `Note: ${image} is for ${built.join(', ')}, and the nodes of "${profile}" are ${needed.join(', ')}: on ${without.join(', ')} it ends with "exec format error". For all of them: ${commandsFor(profile).deploy(`push ${image} --platform ${all}`)}`,
  )
}
