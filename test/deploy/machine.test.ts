// What the scripts learn of a machine before they start: tools, docker, minikube, the way to the URL.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import { publishedPort, urlIn, waysIn } from '../../deploy/access.ts'
import { atLeast, versionIn } from '../../deploy/check-tools.ts'
import { listsImage } from '../../deploy/cluster-images.ts'
import { clusterState } from '../../deploy/cluster-state.ts'
import { installCommand, platformOf } from '../../deploy/platform.ts'
import { registryKeys, registryOf } from '../../deploy/registry.ts'
import { ask } from '../../deploy/tool.ts'

describe('versions', () => {
  test('are found in what tools print', () => {
    assert.equal(versionIn('Docker version 20.10.24+dfsg1, build 297e128'), '20.10.24')
    assert.equal(versionIn('{"clientVersion":{"gitVersion":"v1.34.0-rc.1"}}'), '1.34.0')
    assert.equal(versionIn('no number'), '')
  })

  test('are compared by number', () => {
    assert.ok(atLeast('1.27', '1.27'))
    assert.ok(atLeast('1.100', '1.27'))
    assert.ok(atLeast('2.0', '1.27'))
    assert.ok(!atLeast('1.9.9', '1.27'))
    assert.ok(!atLeast('19.3', '20.10'))
  })
})

test('minikube state is told by its exit code and its JSON, never by its prose', () => {
  const status = (host: string, api: string) => JSON.stringify({ Host: host, APIServer: api })
  assert.equal(clusterState(85, '{"data":{}}'), 'absent')
  assert.equal(clusterState(7, 'null'), 'stopped')
  assert.equal(clusterState(7, status('Stopped', 'Stopped')), 'stopped')
  assert.equal(clusterState(2, status('Running', 'Stopped')), 'half')
  assert.equal(clusterState(2, status('Running', 'Paused')), 'paused')
  assert.equal(clusterState(0, status('Running', 'Running')), 'running')
})

test('an image is in the cluster when its list names it, under any of its names', () => {
  const listing = (tag: string) => JSON.stringify([{ id: '1', repoTags: [tag] }])
  assert.ok(listsImage(listing('docker.io/library/data-service:1'), 'data-service:1'))
  assert.ok(listsImage(listing('data-service:1'), 'data-service:1'))
  assert.ok(!listsImage(listing('data-service:11'), 'data-service:1'))
  assert.ok(!listsImage('not JSON', 'data-service:1'))
})

describe('the platform', () => {
  test('is WSL where Linux says so', () => {
    assert.equal(platformOf('linux', {}), 'linux')
    assert.equal(platformOf('linux', { WSL_DISTRO_NAME: 'Debian' }), 'wsl')
    assert.equal(platformOf('win32', {}), 'windows')
    assert.equal(platformOf('darwin', {}), 'macos')
  })

  test('decides which one command installs a tool', () => {
    assert.match(installCommand('minikube', 'windows'), /^winget install /)
    assert.match(installCommand('kubectl', 'macos'), /^brew install /)
    assert.match(installCommand('docker', 'linux'), /^sudo apt-get install /)
  })

  test('decides whether a tunnel is needed', () => {
    const engine = { OperatingSystem: 'Debian GNU/Linux 12', SecurityOptions: ['name=seccomp'] }
    assert.equal(waysIn('linux', engine, ''), 'direct')
    assert.equal(waysIn('wsl', engine, ''), 'tunnel')
    assert.equal(waysIn('macos', engine, ''), 'tunnel')
    assert.equal(waysIn('linux', { OperatingSystem: 'Docker Desktop' }, ''), 'tunnel')
    assert.equal(waysIn('linux', { SecurityOptions: ['name=rootless'] }, ''), 'tunnel')
    assert.equal(waysIn('linux', engine, 'ssh://host'), 'tunnel')
  })
})

test('a port is published only where it is free: minikube start would fail', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  assert.equal(await publishedPort(port), '')
  await new Promise((resolve) => server.close(resolve))
  assert.equal(await publishedPort(port), `127.0.0.1:${port}:${port}`)
})

test('the URL is the first line that is one', () => {
  const printed = '* Starting tunnel for service app-service.\nhttp://127.0.0.1:30300\nhttp://x:1\n'
  assert.equal(urlIn(printed), 'http://127.0.0.1:30300')
  assert.equal(urlIn('X Exiting due to SVC_NOT_FOUND'), undefined)
})

describe('a registry', () => {
  for (const [image, registry] of [
    ['me/data-service', 'docker.io'],
    ['data-service:1', 'docker.io'],
    ['localhost:5000/data-service', 'localhost:5000'],
    ['localhost/data-service', 'localhost'],
    ['registry.example.com/team/data-service:1', 'registry.example.com'],
  ] as const) {
    test(`of ${image} is ${registry}`, () => assert.equal(registryOf(image), registry))
  }

  test("of Docker Hub has docker's old key in config.json", () => {
    assert.ok(registryKeys('docker.io').includes('https://index.docker.io/v1/'))
  })
})

describe('a tool', () => {
  test('that is missing answers 127 and throws nothing', async () => {
    assert.equal((await ask('no-such-tool-here', [])).code, 127)
  })

  test('that hangs is ended at its deadline', async () => {
    const began = Date.now()
    const answer = await ask(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      seconds: 1,
    })
    assert.equal(answer.code, 124)
    assert.ok(Date.now() - began < 5000)
  })

  test('gets its input and gives both its streams', async () => {
    const program = 'process.stdin.pipe(process.stdout); console.error("e"); process.exitCode = 3'
    assert.deepEqual(await ask(process.execPath, ['-e', program], { input: 'in' }), {
      code: 3,
      out: 'in',
      err: 'e\n',
    })
  })
})
