// What is made of minikube's and kubectl's answers about a cluster, and of those that never came.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dnsPodsTrouble, noProxyLine, unreachableTrouble } from '../../deploy/cluster/reach.ts'
import { type Asked, readProfile, readStatus } from '../../deploy/cluster/state.ts'
import { isOnEachNode, listsImage } from '../../deploy/image/images.ts'

describe('minikube status', () => {
  const running = { Host: 'Running', Kubelet: 'Running', APIServer: 'Running' }
  const worker = { ...running, APIServer: 'Irrelevant', Kubeconfig: 'Irrelevant', Worker: true }
  const stopped = { Host: 'Stopped', Kubelet: 'Stopped', APIServer: 'Stopped' }
  const stoppedWorker = { ...stopped, Kubeconfig: 'Stopped', Worker: true }
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
    ['two stopped nodes', 7, [stopped, stoppedWorker], 'stopped'],
    [
      'a server without its API beside a worker',
      2,
      [{ ...running, APIServer: 'Stopped' }, worker],
      'half',
    ],
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
      /-p data update-context/,
    ],
    ['a bit that its JSON does not explain', 4, running, 'notStarted', /-p data/],
    [
      'a machine that docker has paused',
      7,
      { Host: 'Paused', APIServer: 'Paused' },
      'notStarted',
      /-p data/,
    ],
    [
      'a full disk',
      1,
      { ...running, Host: 'InsufficientStorage' },
      'notStarted',
      /-p data ssh -- df/,
    ],
    ['null after some other fault', 0, null, 'notStarted', /-p data status/],
    ['a node that has stopped', 3, [running, stoppedWorker], 'notStarted', /-p data/],
    ['a kubelet that has stopped', 2, { ...running, Kubelet: 'Stopped' }, 'notStarted', /-p data/],
    ['a machine in an error', 3, { ...stopped, Host: 'Error' }, 'notStarted', /-p data/],
    ['another exit code', 37, stopped, 'notStarted', /-p data status/],
    ['JSON that names no node', 1, {}, 'notStarted', /-p data status/],
  ] as const) {
    test(`of ${name} is not a reason to start or stop anything`, () => {
      const { fault } = read(code, status)
      assert.equal(fault?.outcome, outcome)
      assert.match(fault?.remedy ?? '', says)
    })
  }

  test('of a machine that docker no longer has says so in its words, with 0', () => {
    const gone = 'E1127 status.go:122] status error: the "data" host does not exist'
    assert.equal(read(0, null, gone).state, 'stopped')
    assert.equal(read(0, null, gone).fault, undefined)
  })

  test('that hangs is not an answer, and its words are shown', () => {
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

  test('is not blamed for a file that does not name the cluster', () => {
    const words = 'error: context "data" does not exist'
    const { outcome, remedy } = unreachableTrouble('data', words, '', proxy)
    assert.equal(outcome, 'foreign')
    assert.match(remedy, /^minikube -p data update-context \(.*current context\)$/)
  })

  test('that is not set is not blamed', () => {
    assert.equal(noProxyLine('192.168.49.2', {}, 'linux'), undefined)
    const { remedy } = unreachableTrouble('data', 'Unable to connect: EOF', '192.168.49.2', {})
    assert.match(remedy, /^kubectl --context data get pods/)
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
    assert.match(remedy, /^minikube -p data start /)
  })
})

describe("the cluster's DNS", () => {
  const pods = (message: string) => ({
    code: 0,
    err: '',
    out: JSON.stringify({ items: [{ status: { conditions: [{ message }] } }] }),
  })

  const node = (key: string) => ({
    metadata: { name: 'data' },
    spec: { taints: [{ key, effect: 'NoExecute' }] },
  })

  // Kubernetes 1.33 says its key, 1.34 does not.
  for (const named of [' {dedicated: db}', '(s)']) {
    test(`that a taint keeps out names the taint, of which it says "taint${named}"`, () => {
      const message = `0/1 nodes are available: 1 node(s) had untolerated taint${named}.`
      const { what, words, remedy } = dnsPodsTrouble('data', pods(message), [node('dedicated')])
      assert.equal(words, message)
      assert.match(what, /its DNS does not: node data has the taint dedicated:NoExecute; nothing/)
      assert.match(
        remedy,
        /^kubectl --context data -n mongo taint nodes data dedicated:NoExecute-$/,
      )
    })
  }

  test("that the node's own taint keeps out sends to the node", () => {
    const message = '1 node(s) had untolerated taint(s).'
    const nodes = [node('node.kubernetes.io/not-ready')]
    const { remedy } = dnsPodsTrouble('data', pods(message), nodes)
    assert.match(remedy, /^kubectl --context data -n mongo describe node data says why/)
  })

  test('that says nothing may be a start that was cut short', () => {
    const { remedy } = dnsPodsTrouble('data', pods(''), [])
    assert.match(remedy, /minikube -p data stop, then minikube -p data start .*documents stay/)
  })
})

describe('a profile of minikube', () => {
  const read = (config: object | undefined, asked: Partial<Asked> = {}) => {
    const valid = config === undefined ? [] : [{ Name: 'data', Config: config }]
    const out = JSON.stringify({ valid, invalid: [] })
    return readProfile({ code: 0, out, err: '' }, 'data', {
      driver: undefined,
      version: undefined,
      ...asked,
    })
  }
  const made = (Driver: string, KubernetesVersion = 'v1.34.0') => ({
    Driver,
    KubernetesConfig: { KubernetesVersion },
  })
  const good = { fault: undefined, note: '' }

  test('that is not there, or is made as it should be, is good', () => {
    assert.deepEqual(read(undefined), good)
    assert.deepEqual(read(made('docker')), good)
    assert.deepEqual(read(made('docker'), { driver: 'docker' }), good)
    assert.deepEqual(read(made('kvm2'), { driver: 'kvm2' }).fault, undefined)
  })

  test('of another driver is left as it is, and another profile is proposed', () => {
    const { fault, note } = read(made('virtualbox'))
    assert.equal(fault, undefined)
    assert.match(note, /the driver virtualbox.*up --profile data-docker/)
    const asked = read(made('virtualbox'), { driver: 'docker' })
    assert.match(asked.fault?.remedy ?? '', /^\.\/deploy\.(?:sh|ps1) up --profile data-docker /)
  })

  test('of an old Kubernetes is refused, unless a newer is asked for', () => {
    const old = made('docker', 'v1.28.3')
    assert.match(
      read(old).fault?.remedy ?? '',
      /minikube -p data start --kubernetes-version=stable/,
    )
    for (const version of ['stable', 'v1.34.0']) assert.deepEqual(read(old, { version }), good)
    assert.equal(read(undefined, { version: '1.29' }).fault?.outcome, 'toolMissing')
  })

  test('about which minikube says nothing counts as unknown', () => {
    const nothing = { driver: undefined, version: undefined }
    const failed = readProfile({ code: 80, out: '', err: 'permission denied' }, 'data', nothing)
    assert.equal(failed.fault?.words, 'permission denied')
    const missing = readProfile({ code: 127, out: '', err: '' }, 'data', nothing)
    assert.deepEqual(missing, good)
  })
})

test('an image is in the cluster when its list names it, under any of its names', () => {
  const listing = (tag: string) => JSON.stringify([{ id: '1', repoTags: [tag] }])
  assert.ok(listsImage(listing('docker.io/library/data-service:1'), 'data-service:1'))
  assert.ok(listsImage(listing('data-service:1'), 'data-service:1'))
  assert.ok(!listsImage(listing('data-service:11'), 'data-service:1'))
  assert.ok(!listsImage('not JSON', 'data-service:1'))
})

test('an image is on each of several nodes when each says so itself', () => {
  const node = (...names: string[]) => ({ status: { images: [{ names: ['mongo:8'] }, { names }] } })
  const has = node('docker.io/library/data-service@sha256:1', 'docker.io/library/data-service:1')
  assert.ok(isOnEachNode([has, node('data-service:1')], 'data-service:1'))
  assert.ok(!isOnEachNode([has, node('data-service:2')], 'data-service:1'))
  assert.ok(!isOnEachNode([has, {}], 'data-service:1'))
})
