// What the scripts learn of a machine before they start: tools, docker, minikube, the way to the URL.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { publishedPort, urlIn, waysIn } from '../../deploy/access.ts'
import { atLeast, toolFault, versionIn } from '../../deploy/check-tools.ts'
import { withoutDns } from '../../deploy/cluster-dns.ts'
import { listsImage } from '../../deploy/cluster-images.ts'
import { readStatus } from '../../deploy/cluster-state.ts'
import { complaintOf } from '../../deploy/direct-request.ts'
import { type Engine, engineTrouble, startCommand } from '../../deploy/docker-engine.ts'
import { familyOf, installCommand } from '../../deploy/install-command.ts'
import { folderTrouble, platformOf } from '../../deploy/platform.ts'
import { readProfile } from '../../deploy/profile.ts'
import { noProxyLine, unreachableTrouble } from '../../deploy/proxy.ts'
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

describe('minikube status', () => {
  const running = { Host: 'Running', Kubelet: 'Running', APIServer: 'Running' }
  const worker = { ...running, APIServer: 'Irrelevant', Kubeconfig: 'Irrelevant', Worker: true }
  const stopped = { Host: 'Stopped', Kubelet: 'Stopped', APIServer: 'Stopped' }
  const read = (code: number, status: unknown, err = '') =>
    readStatus({ code, out: JSON.stringify(status), err }, 'data')

  for (const [name, code, status, state] of [
    ['no such profile', 85, { data: {} }, 'absent'],
    ['a machine that docker no longer has', 7, null, 'stopped'],
    ['a stopped machine', 7, stopped, 'stopped'],
    ['a machine without its API server', 2, { ...running, APIServer: 'Stopped' }, 'half'],
    [
      'the same, before the kubeconfig was written',
      6,
      { ...running, APIServer: 'Stopped', Kubeconfig: 'Misconfigured' },
      'half',
    ],
    ['a paused cluster', 2, { ...running, APIServer: 'Paused' }, 'paused'],
    ['a running one', 0, running, 'running'],
    ['two running nodes', 0, [running, worker], 'running'],
    ['two stopped nodes', 7, [stopped, { ...stopped, APIServer: 'Irrelevant' }], 'stopped'],
  ] as const) {
    test(`of ${name} is read as ${state}`, () => {
      assert.deepEqual(read(code, status), { state, fault: undefined })
    })
  }

  for (const [name, code, status, outcome, says] of [
    ['a stale kubeconfig', 4, { ...running, Kubeconfig: 'Misconfigured' }, 'foreign', /-p data/],
    [
      'a paused cluster with a stale kubeconfig',
      6,
      { ...running, APIServer: 'Paused', Kubeconfig: 'Misconfigured' },
      'foreign',
      /update-context -p data/,
    ],
    ['a bit that its JSON does not explain', 4, running, 'foreign', /update-context -p data/],
    [
      'a node that has stopped',
      3,
      [running, { ...worker, Host: 'Stopped' }],
      'notStarted',
      /-p data/,
    ],
    ['a kubelet that has stopped', 2, { ...running, Kubelet: 'Stopped' }, 'notStarted', /-p data/],
    ['a machine in an error', 3, { ...stopped, Host: 'Error' }, 'notStarted', /-p data/],
    ['another exit code', 37, stopped, 'notStarted', /status -p data/],
    ['JSON that names no node', 1, {}, 'notStarted', /status -p data/],
  ] as const) {
    test(`of ${name} is no reason to start or stop anything`, () => {
      const { fault } = read(code, status)
      assert.equal(fault?.outcome, outcome)
      assert.match(fault?.remedy ?? '', says)
    })
  }

  test('that hangs is no answer, and its words are shown', () => {
    const late = 'minikube did not answer within 30 s'
    const { fault } = readStatus({ code: 124, out: '', err: late }, 'data')
    assert.equal(fault?.outcome, 'notStarted')
    assert.equal(fault?.words, late)
  })

  test('that complains of a certificate names where it goes', () => {
    const { fault } = read(37, '', 'tls: x509: certificate signed by unknown authority')
    assert.match(fault?.remedy ?? '', /~\/\.minikube\/certs/)
  })
})

describe('a proxy', () => {
  const proxy = { https_proxy: 'http://proxy:3128' }

  test('that is not set is not blamed', () => {
    assert.equal(noProxyLine('192.168.49.2', {}, 'linux'), undefined)
    const { remedy } = unreachableTrouble('data', 'Unable to connect: EOF', '192.168.49.2', {})
    assert.match(remedy, /^kubectl get nodes --context data/)
  })

  test('is kept away from the host and from what minikube names, beside what is there', () => {
    assert.equal(
      noProxyLine('10.0.0.9', { ...proxy, no_proxy: '.corp, localhost' }, 'linux'),
      'export NO_PROXY=.corp,localhost,10.0.0.9,192.168.49.0/24,10.96.0.0/12,127.0.0.1',
    )
    assert.match(noProxyLine('', proxy, 'win32') ?? '', /^\$env:NO_PROXY = '192/)
  })

  test('that is away from all of it already is not blamed', () => {
    const away = { ...proxy, NO_PROXY: '127.0.0.1,localhost,10.96.0.0/12,192.168.49.0/24' }
    assert.equal(noProxyLine('127.0.0.1', away, 'linux'), undefined)
  })

  test('is not blamed for an account that the API server refuses', () => {
    const { outcome, remedy } = unreachableTrouble('data', 'error: Unauthorized', '', proxy)
    assert.equal(outcome, 'foreign')
    assert.match(remedy, /^minikube start -p data /)
  })
})

describe("the cluster's DNS", () => {
  const pods = (message: string) => ({
    code: 0,
    err: '',
    out: JSON.stringify({ items: [{ status: { conditions: [{ message }] } }] }),
  })

  test('that a taint keeps out names the taint', () => {
    const message = '0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: db}.'
    const { words, remedy } = withoutDns('data', pods(message))
    assert.equal(words, message)
    assert.match(remedy, /^kubectl taint nodes --all dedicated- --context data /)
  })

  test("that the node's own taint keeps out sends to the node", () => {
    const { remedy } = withoutDns(
      'data',
      pods('1 node(s) had untolerated taint(s) {node.kubernetes.io/disk-pressure: }'),
    )
    assert.match(remedy, /^kubectl describe nodes --context data says/)
  })

  test('that says nothing may be a start that was cut short', () => {
    const { remedy } = withoutDns('data', pods(''))
    assert.match(remedy, /minikube stop -p data, then minikube start -p data .*documents stay/)
  })
})

test('what minikube does not say of its profiles is no answer', () => {
  const failed = readProfile({ code: 80, out: '', err: 'permission denied' }, 'data')
  assert.equal(failed?.words, 'permission denied')
  assert.equal(
    readProfile({ code: 0, out: '{"valid":[],"invalid":[]}', err: '' }, 'data'),
    undefined,
  )
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
    assert.match(installCommand('docker', 'linux', 'debian'), /^sudo apt-get install /)
    assert.match(installCommand('docker', 'wsl', 'fedora'), /^sudo dnf install -y moby-engine/)
    assert.match(installCommand('docker', 'linux', 'rhel'), /docker-ce\.repo/)
    assert.match(installCommand('minikube', 'linux', 'arch'), /^sudo pacman -S .*minikube$/)
    assert.match(installCommand('docker', 'linux', 'suse'), /^sudo zypper install /)
    assert.match(installCommand('kubectl', 'linux', 'alpine'), /^sudo apk add kubectl$/)
    for (const family of ['fedora', 'suse', 'alpine', 'unknown'] as const) {
      const command = installCommand('minikube', 'linux', family)
      assert.match(command, /minikube-linux-(?:amd64|arm64) .*&& sudo install /)
    }
  })

  for (const [osRelease, family] of [
    ['PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', 'debian'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
    ['ID=fedora\nVERSION_ID=43\n', 'fedora'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'rhel'],
    ['ID_LIKE=arch\nID=manjaro\n', 'arch'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'suse'],
    ['ID=alpine\n', 'alpine'],
    ['ID=nixos\nBUILD_ID=debian\n', 'unknown'],
    ['', 'unknown'],
  ] as const) {
    test(`is of the family ${family} where os-release has ${JSON.stringify(osRelease)}`, () => {
      assert.equal(familyOf(osRelease), family)
    })
  }

  test('has npm only in folders with a drive letter', () => {
    assert.equal(folderTrouble('/home/me/project'), undefined)
    assert.equal(folderTrouble('C:\\project'), undefined)
    assert.equal(folderTrouble('\\\\?\\C:\\project'), undefined)
    assert.match(folderTrouble('\\\\server\\share\\project')?.remedy ?? '', /net use Z:/)
    assert.match(folderTrouble('\\\\wsl.localhost\\Debian\\project')?.remedy ?? '', /^in WSL/)
  })
})

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

  test('that talks to podman is said', () => {
    const podman = at('unix:///run/user/1000/podman/podman.sock')
    assert.equal(engineTrouble(podman, 'linux', {})?.outcome, 'dockerDown')
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

test('a tool that cannot say its version is not taken for a good one', () => {
  const fault = toolFault('minikube', { code: 126, out: '', err: 'exec format error\n' }, '1.33')
  assert.equal(fault, 'minikube cannot say its version: exec format error')
})

describe('the URL', () => {
  let server: Server
  let url = ''
  let status = 200
  before(async () => {
    server = createHttpServer((_, answer) => {
      answer.statusCode = status
      answer.end('x')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`
  })
  after(() => server.close())

  test('is asked without the proxy of the environment', async () => {
    const program = `import { complaintOf } from './deploy/direct-request.ts'
      console.log(await complaintOf('${url}'))`
    const proxy = 'http://127.0.0.1:1'
    const noExceptions = { NO_PROXY: '', no_proxy: '' }
    const proxied = {
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: proxy,
      http_proxy: proxy,
      ...noExceptions,
    }
    const asked = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      {
        env: { ...process.env, ...proxied },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    assert.equal((await asked.stdout.setEncoding('utf8').toArray()).join(''), 'undefined\n')
  })

  test('that answers with an error is named with it', async () => {
    status = 503
    assert.equal(await complaintOf(url), `GET ${url} answered 503`)
    status = 200
  })

  test('that nothing listens at is named with the reason', async () => {
    assert.match((await complaintOf('http://127.0.0.1:1/')) ?? '', /^GET .*: .*ECONNREFUSED/)
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
