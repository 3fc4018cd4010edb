// login-state.ts IMAGE: whether docker is logged in to the registry that the image's name names.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { readArguments } from './arguments.ts'
import { at, parse } from './json.ts'
import { registryKeys, registryOf } from './registry.ts'
import { giveUp, say } from './report.ts'

const { words } = readArguments()
const [image = ''] = words
const registry = registryOf(image)
const file = join(env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json')
const config = existsSync(file) ? parse(readFileSync(file, 'utf8')) : undefined
const keys = registryKeys(registry)
// With a credential store the file has the registry's name and the store its password.
const known = keys.some(
  (key) => at(config, 'auths', key) !== undefined || at(config, 'credHelpers', key) !== undefined,
)

if (/^(localhost|127\.0\.0\.1)(:|$)/.test(registry))
  say(`${registry} is this machine: no login is needed`)
else if (known) say(`docker is logged in to ${registry}`)
else {
  giveUp({
    outcome: 'notLoggedIn',
    what: `docker is not logged in to ${registry}`,
    remedy: `docker login ${registry === 'docker.io' ? '' : registry}`.trim(),
  })
}
