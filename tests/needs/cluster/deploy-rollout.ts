// Whatever happens to the application's pods, nobody who asks it sees an error.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listAt, textAt } from '../../../deploy/cluster/kubectl.ts'
import { eventually, kubectl } from './cluster.ts'
import { changeSource, deploy } from './deploy-project.ts'
import { startTraffic } from './deploy-traffic.ts'
import { upWords, urlOf } from './deploy-up.ts'

const inMongo = ['-n', 'mongo']

async function appPods(): Promise<string[]> {
  const selector = ['-l', 'app.kubernetes.io/name=data-service', '-o', 'json']
  const answer: unknown = JSON.parse(await kubectl('get', 'pods', ...inMongo, ...selector))
  return listAt(answer, 'items')
    .filter((pod) => textAt(pod, 'metadata', 'deletionTimestamp') === '')
    .map((pod) => textAt(pod, 'metadata', 'name'))
}

const scaledTo = (pods: number) =>
  eventually(90, async () => {
    const path = ['-o', 'jsonpath={.status.readyReplicas}/{.status.replicas}']
    const found = await kubectl('get', 'deployment', 'app-deployment', ...inMongo, ...path)
    assert.equal(found, `${pods}/${pods}`)
  })

/** What `kubectl drain` does to each pod; a whole drain would leave a single node without a home for it. */
const evict = (pod: string) =>
  kubectlInput(
    JSON.stringify({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod, namespace: 'mongo' },
    }),
    'create',
    '--raw',
    `/api/v1/namespaces/mongo/pods/${pod}/eviction`,
    '-f',
    '-',
  )

async function kubectlInput(input: string, ...args: string[]): Promise<string> {
  const { profile, run } = await import('./cluster.ts')
  return run('kubectl', ['--context', profile, ...args], input)
}

/** What happens to the application's pods in a year, by its name; each ends with two pods or more. */
export const disruptions: Readonly<Record<string, () => Promise<unknown>>> = {
  'a change of image': async () => {
    changeSource()
    const { code, err } = await deploy(upWords)
    assert.equal(code, 0, err)
  },
  'a scale-out': async () => {
    await kubectl('scale', 'deployment/app-deployment', '--replicas=5', ...inMongo)
    await scaledTo(5)
  },
  'the deletion of a pod': async () => {
    const [pod = ''] = await appPods()
    await kubectl('delete', 'pod', pod, ...inMongo)
  },
  'an eviction': async () => {
    const [, pod = ''] = await appPods()
    await eventually(60, () => evict(pod))
    await sleep(15_000)
  },
  'a scale-in': async () => {
    await kubectl('scale', 'deployment/app-deployment', '--replicas=2', ...inMongo)
    await sleep(20_000)
  },
}

export function rollsOut(): void {
  test('no request of 400 a second fails while pods come, go and change', async (t) => {
    const url = await urlOf()
    const kept = startTraffic(url, 320, 200)
    const fresh = startTraffic(url, 120, 1)
    await sleep(3000)
    for (const [name, disrupt] of Object.entries(disruptions)) {
      const began = Date.now()
      await disrupt()
      t.diagnostic(`${name}: ${((Date.now() - began) / 1000).toFixed(0)} s`)
    }
    const results = { kept: await kept.stop(), fresh: await fresh.stop() }
    for (const [name, { requests, failures, seconds, reasons }] of Object.entries(results)) {
      t.diagnostic(
        `${name}: ${requests} requests, ${(requests / seconds).toFixed(0)} a second, ${failures} failed`,
      )
      assert.equal(failures, 0, reasons)
    }
    const { kept: a, fresh: b } = results
    const rate = a.requests / a.seconds + b.requests / b.seconds
    assert.ok(rate >= 400, `${rate.toFixed(0)} requests a second`)
  })
}
