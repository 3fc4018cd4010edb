// Network policies that are enforced: who reaches whom, and who does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attempt, eventually, kubectl, profile, run, tryKubectl } from './cluster.ts'
import { image, ready, request } from './manifests-system.ts'

/** Connects from inside a pod; prints `open`, or the reason why not after 3 s. */
const connect = `
  const [host, port] = process.argv.slice(1)
  const socket = require('node:net').connect({ host, port, timeout: 3000 })
  const say = (word) => { console.log(word); process.exit() }
  socket.on('connect', () => say('open')).on('timeout', () => say('timeout')).on('error', (error) => say(error.code))`

async function reach(namespace: string, pod: string, host: string, port: number): Promise<string> {
  const args = ['exec', '-n', namespace, pod, '--', 'node', '-e', connect, host, `${port}`]
  return (await kubectl(...args)).trim()
}

const addressOf = (selector: string) =>
  kubectl('get', 'pods', '-n', 'mongo', '-l', selector, '-o', 'jsonpath={.items[0].status.podIP}')

/** A pod that does nothing, allowed by Pod Security, with labels of the test's choice. */
const stranger = (namespace: string, labels: Record<string, string>) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stranger', namespace, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'stranger',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  })

async function withStranger(
  namespace: string,
  labels: Record<string, string>,
  check: () => Promise<void>,
): Promise<void> {
  const pod = stranger(namespace, labels)
  await run('kubectl', ['--context', profile, 'apply', '-f', '-'], pod)
  try {
    await kubectl('wait', '--for=condition=Ready', '--timeout=60s', '-n', namespace, 'pod/stranger')
    await check()
  } finally {
    await attempt('kubectl', ['--context', profile, 'delete', '-n', namespace, 'pod/stranger'])
  }
}

const fromApplication = (host: string, port: number) =>
  reach('mongo', 'deployment/app-deployment', host, port)

export function networkIsEnforced(): void {
  test('the application reaches DNS and the database', async () => {
    await eventually(60, async () => {
      assert.equal(await fromApplication('mongodb', 27017), 'open')
    })
  })

  // minikube's default network enforces nothing, and then the tests below would fail for no fault of
  // the policies: E2E_START='--cni=calico' starts one that does.
  test('policies are enforced: the application does not reach the API server', async () => {
    const api = await kubectl('get', 'service', 'kubernetes', '-o', 'jsonpath={.spec.clusterIP}')
    await eventually(60, async () => {
      assert.notEqual(await fromApplication(api, 443), 'open')
    })
  })

  test('the database reaches nobody', async () => {
    const app = await addressOf('app.kubernetes.io/name=data-service')
    const script = `timeout 3 bash -c '</dev/tcp/${app}/5000'`
    const { status } = await tryKubectl(
      'exec',
      '-n',
      'mongo',
      'mongodb-0',
      '--',
      'bash',
      '-c',
      script,
    )
    assert.notEqual(status, 0)
  })

  test('a pod with other labels reaches neither the database nor DNS', async () => {
    const database = await addressOf('app.kubernetes.io/name=mongodb')
    await withStranger('mongo', { app: 'stranger' }, async () => {
      assert.notEqual(await reach('mongo', 'stranger', database, 27017), 'open')
      assert.notEqual(await reach('mongo', 'stranger', 'mongodb', 27017), 'open')
    })
  })

  test("the application's labels in another namespace do not open the database", async () => {
    const database = await addressOf('app.kubernetes.io/name=mongodb')
    const app = await addressOf('app.kubernetes.io/name=data-service')
    await withStranger('default', { 'app.kubernetes.io/name': 'data-service' }, async () => {
      // Nothing holds this pod back: it does reach the application, and so has a network.
      await eventually(30, async () => {
        assert.equal(await reach('default', 'stranger', app, 5000), 'open')
      })
      assert.notEqual(await reach('default', 'stranger', database, 27017), 'open')
    })
  })

  test("the kubelet's probes and the node port pass: new pods become ready and answer", async () => {
    await kubectl('rollout', 'restart', '-n', 'mongo', 'deployment/app-deployment')
    await ready('deployment/app-deployment')
    assert.notEqual(await request('/', 200), '')
  })
}
