// push.ts IMAGE: docker push, and why it failed, if it did. Nothing is checked before: only the registry knows.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env, exit, stderr } from 'node:process'
import { readArguments } from '../command-line.ts'
import { pushTrouble } from '../image/push-trouble.ts'
import { list, parse, text } from '../json.ts'
import { giveUp, say } from '../report.ts'
import { ask, toolCommand } from '../tool.ts'

const { profile, words } = readArguments()
const [image = ''] = words

/** Its progress goes to the screen as it is; its complaints too, and are read. */
function push(): Promise<{ code: number; complaint: string }> {
  return new Promise((resolve) => {
    const { file, args, windowsVerbatimArguments } = toolCommand('docker', ['push', image])
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

const { code, complaint } = await push()
// Ctrl+C: the scripts tell of that themselves.
if (code === 130) exit(code)
if (code !== 0) {
  const file = join(env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json')
  const config = existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined
  giveUp(pushTrouble(image, complaint, config))
}
const built = await ask('docker', ['image', 'inspect', image, '--format', '{{.Architecture}}'])
const processors = await processorsOfNodes()
const processor = built.out.trim()
if (built.code === 0 && processors.length > 0 && !processors.includes(processor)) {
  say(
    `Note: ${image} is for ${processor}, and the nodes of "${profile}" are ${processors.join(', ')}: there it ends with "exec format error". For both: docker buildx build --platform linux/amd64,linux/arm64 -t ${image} --push .`,
  )
}
