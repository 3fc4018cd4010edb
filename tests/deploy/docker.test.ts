// Which engine docker talks to, how it is reached, and what is wrong with it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Engine, engineTrouble, startCommand, waysIn } from '../../deploy/cluster/machine.ts'
import { toolFault } from '../../deploy/cluster/tools.ts'
import { makeWorld } from '../support/deploy/world.ts'

describe('docker', () => {
  const at = (host: string, context = 'default'): Engine => ({ context, host })
  const socket = at('unix:///var/run/docker.sock')
  const debian = { OperatingSystem: 'Debian GNU/Linux 12', SecurityOptions: ['name=seccomp'] }

  for (const [platform, info, engine, way] of [
    ['linux', debian, socket, 'direct'],
    ['wsl', debian, socket, 'tunnel'],
    ['macos', debian, socket, 'tunnel'],
    ['linux', { OperatingSystem: 'Docker Desktop' }, socket, 'tunnel'],
    ['linux', { SecurityOptions: ['name=rootless'] }, socket, 'tunnel'],
    ['linux', debian, at('unix:///home/me/.colima/default/docker.sock', 'colima'), 'tunnel'],
    ['linux', debian, at('unix:///home/me/.rd/docker.sock'), 'tunnel'],
    ['linux', debian, at('tcp://localhost:2375'), 'tunnel'],
    ['linux', debian, at('ssh://me@server', 'server'), 'away'],
    ['macos', debian, at('tcp://10.0.0.7:2376'), 'away'],
  ] as const) {
    test(`on ${platform} at ${engine.host} with ${JSON.stringify(info)} is reached: ${way}`, () => {
      assert.equal(waysIn(platform, info, engine), way)
    })
  }

  for (const [platform, engine, start] of [
    ['macos', at('unix:///Users/me/.colima/default/docker.sock', 'colima'), /^colima start$/],
    ['macos', at('unix:///Users/me/.colima/x/docker.sock', 'colima-x'), /^colima start x$/],
    ['macos', at('unix:///Users/me/.orbstack/run/docker.sock', 'orbstack'), /^orb start$/],
    ['macos', at('unix:///Users/me/.rd/docker.sock', 'rancher-desktop'), /^rdctl start/],
    ['linux', at('unix:///home/me/.docker/desktop/docker.sock'), /^systemctl --user .*desktop$/],
    [
      'linux',
      at('unix:///run/user/1000/docker.sock', 'rootless'),
      /^systemctl --user start docker$/,
    ],
    ['linux', at('ssh://me@server', 'server'), /ssh:\/\/me@server.*docker context use default/],
    ['linux', socket, /^sudo (?:systemctl start docker|service docker start)$/],
    ['windows', at('npipe:////./pipe/docker_engine'), /^start Docker Desktop/],
  ] as const) {
    test(`that does not answer on ${platform} at ${engine.host} is started by ${start}`, () => {
      assert.match(startCommand(engine, platform), start)
    })
  }

  test("is not asked in a shell that minikube docker-env made the node's", () => {
    const variables = { MINIKUBE_ACTIVE_DOCKERD: 'data', DOCKER_HOST: 'tcp://192.168.49.2:2376' }
    const node = at('tcp://192.168.49.2:2376')
    assert.equal(
      engineTrouble(node, 'linux', variables)?.remedy,
      'eval $(minikube -p data docker-env -u)',
    )
    assert.match(engineTrouble(node, 'windows', variables)?.remedy ?? '', /\| Invoke-Expression$/)
    assert.equal(engineTrouble(socket, 'linux', {}), undefined)
  })

  test('that talks to podman counts as no docker', () => {
    const podman = at('unix:///run/user/1000/podman/podman.sock')
    assert.equal(engineTrouble(podman, 'linux', {})?.outcome, 'dockerDown')
    assert.equal(engineTrouble(at('ssh://me@podman-box'), 'linux', {}), undefined)
  })

  test('that is podman by another name is not called too old', () => {
    const out = 'podman version 5.4.2\n'
    const err = 'Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\n'
    assert.match(
      toolFault('docker', { code: 0, out, err }, '20.10') ?? '',
      /docker is podman 5\.4\.2/,
    )
    const old = toolFault('docker', { code: 0, out: 'Docker version 19.03.1', err: '' }, '20.10')
    assert.equal(old, 'docker 19.03.1 is too old: 20.10 or newer is needed')
  })
})

test('a tool that does not say its version is refused', () => {
  const fault = toolFault('minikube', { code: 126, out: '', err: 'exec format error\n' }, '1.33')
  assert.equal(fault, 'minikube cannot say its version: exec format error')
})

test('of an engine on another computer no port is published, and the scripts say where its ports are', async () => {
  const world = makeWorld()
  world.set('docker-host', 'ssh://me@server')
  const { code, out, err } = await world.run('deploy.sh', ['--dry-run', '--profile', 'data'])
  world.close()
  assert.equal(code, 0, err)
  assert.match(err, /another computer \(ssh:\/\/me@server\).*open --profile data/)
  assert.match(out, /^minikube start -p data --driver=docker --interactive=false$/m)
  assert.match(out, /commands\/find-url\.ts .*--tunnel/)
})
