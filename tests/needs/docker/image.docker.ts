// The container image: how it is built, how large it is, and that it behaves.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { platforms } from '../../../manifests/names.ts'
import { client } from '../../support/client.ts'
import { freePort } from '../../support/free-port.ts'
import { skipWithout } from '../../support/tool.ts'

const image = 'data-service:image-test'
const base = 'node:26.10.0-bookworm-slim'
const containers: string[] = []

const docker = (args: readonly string[], env: Record<string, string> = {}) =>
  execFileSync('docker', args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: 'pipe',
  }).trim()

const inspect = (name: string, format: string) => docker(['inspect', '-f', format, name])

// Published under the container's own number, so that it is the same where an engine without a
// bridge shares the host's network.
async function run(args: readonly string[]): Promise<{ id: string; url: string }> {
  const port = String(await freePort())
  const network = ['-p', `127.0.0.1:${port}:${port}`, '-e', `PORT=${port}`]
  const hardened = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']
  const id = docker(['run', '-d', ...network, ...hardened, ...args, image])
  containers.push(id)
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 100; tries++) {
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) break
    await sleep(100)
  }
  return { id, url }
}

describe('the image', { skip: skipWithout('docker', 'info'), timeout: 600_000 }, () => {
  after(() => {
    for (const id of containers) docker(['rm', '-f', id])
    docker(['image', 'rm', '-f', image])
  })

  it('builds with the legacy builder and with BuildKit', () => {
    docker(['build', '-q', '-t', image, '.'], { DOCKER_BUILDKIT: '0' })
    docker(['build', '-q', '-t', image, '.'], { DOCKER_BUILDKIT: '1' })
  })

  for (const platform of platforms) {
    it(`builds for ${platform} on this processor, with nothing emulated`, (t) => {
      // If no registry can be asked, only the base that the engine has is there.
      const own = `linux/${inspect(base, '{{.Architecture}}')}`
      const asked = spawnSync('docker', ['buildx', 'imagetools', 'inspect', base])
      if (platform !== own && asked.status !== 0) {
        return t.skip(`no registry answers for ${base}, and the engine has it for ${own}`)
      }
      const tag = `${image}-${platform.split('/')[1]}`
      docker(['build', '-q', '--platform', platform, '-t', tag, '.'], { DOCKER_BUILDKIT: '1' })
      assert.equal(`linux/${inspect(tag, '{{.Architecture}}')}`, platform)
      docker(['image', 'rm', '-f', tag])
    })
  }

  it('adds less than 15 MB to its base', (t) => {
    const added = Number(inspect(image, '{{.Size}}')) - Number(inspect(base, '{{.Size}}'))
    t.diagnostic(`${(added / 1e6).toFixed(1)} MB`)
    assert.ok(added > 0 && added < 15e6, `${added} bytes`)
  })

  it('has neither sources nor tests nor development packages in it', () => {
    const list = docker([
      'run',
      '--rm',
      '--entrypoint',
      'ls',
      image,
      '-a',
      '/app',
      '/app/node_modules',
    ])
    assert.match(list, /dist/)
    assert.doesNotMatch(list, /src|test|typescript|tsx|\.git|\.npmrc/)
  })

  it('lists the packages that it holds, by name, version and hash', () => {
    const inImage = (...command: string[]) =>
      docker(['run', '--rm', '--entrypoint', '', image, ...command])
    const { bomFormat, metadata, components } = JSON.parse(inImage('cat', 'sbom.cdx.json'))
    assert.equal(bomFormat, 'CycloneDX')
    assert.match(metadata.component.purl, /^pkg:npm\/mongo-data-service@/)
    const listed = new Map<string, { version: string; hashes: { alg: string }[] }>(
      components.map((component: { name: string }) => [component.name, component]),
    )
    const script = `const { globSync, readFileSync } = require('node:fs')
      const files = globSync('node_modules/{*,@*/*}/package.json')
      console.log(JSON.stringify(files.map((file) => JSON.parse(readFileSync(file, 'utf8')))))`
    const installed: { name: string; version: string }[] = JSON.parse(inImage('node', '-e', script))
    assert.equal(installed.length, listed.size)
    for (const { name, version } of installed) {
      assert.equal(listed.get(name)?.version, version, name)
      assert.equal(listed.get(name)?.hashes[0]?.alg, 'SHA-512', name)
    }
  })

  it('holds no secret of whoever built it, neither in its history nor in its layers', () => {
    // As the environment of a deployment has them: a build must not take them in.
    const secrets = { USER_PWD: 'secret-of-the-test-1', API_TOKEN: 'secret-of-the-test-2' }
    docker(['build', '-q', '-t', image, '.'], secrets)
    const history = docker(['history', '--no-trunc', image])
    const variables = inspect(image, '{{json .Config}}')
    for (const text of [history, variables]) {
      assert.doesNotMatch(text, /secret-of-the-test|USER_PWD|API_TOKEN|_auth|npm_token/i)
    }
    // Nothing that lies beside the sources: build/ with its Secret, .env, .npmrc, .git.
    const files = docker(['run', '--rm', '--entrypoint', '', image, 'ls', '-A', '/app'])
    const expected = ['data', 'dist', 'node_modules', 'package.json', 'sbom.cdx.json']
    assert.deepEqual(files.split('\n').toSorted(), expected)
    const archive = execFileSync('docker', ['save', image], { maxBuffer: 2 ** 30 })
    assert.equal(archive.includes('secret-of-the-test'), false)
  })

  it('serves as a user that is not root, on a read-only root file system', async () => {
    const { id, url } = await run(['--tmpfs', '/app/data:uid=1000,mode=0700'])
    const api = client(url)
    assert.equal((await api.post('{"_id":"x","n":9007199254740993}')).status, 201)
    assert.equal((await api.get('/data')).text, '[{"_id":"x","n":9007199254740993}]\n')
    for (const file of ['style.css', 'live.js', 'list.js', 'icon.svg']) {
      assert.equal((await api.get(`/page/${file}`)).status, 200, file)
    }
    assert.equal(docker(['exec', id, 'id', '-u']), '1000')
    assert.throws(() => docker(['exec', id, 'touch', '/app/x']))
  })

  it('is PID 1 and stops at SIGTERM with exit code 0', async () => {
    const { id } = await run(['--tmpfs', '/app/data:uid=1000,mode=0700'])
    assert.match(docker(['exec', id, 'cat', '/proc/1/cmdline']), /^node\0/)
    docker(['kill', '-s', 'TERM', id])
    assert.equal(docker(['wait', id]), '0')
    assert.match(docker(['logs', id]), /"msg":"stopped"/)
  })

  it('ends with 2 and every fault if its settings are wrong', () => {
    assert.throws(
      () => docker(['run', '--rm', '-e', 'PORT=no', '-e', 'USER_NAME=u', image]),
      (error) => {
        assert.equal(Reflect.get(Object(error), 'status'), 2)
        assert.match(
          String(Reflect.get(Object(error), 'stderr')),
          /(?=[\s\S]*PORT)[\s\S]*USER_NAME/,
        )
        return true
      },
    )
  })
})
