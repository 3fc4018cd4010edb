// wait-rollout.ts and wait-autoscaler.ts on the recorded tools: what they wait for, and what they mend.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mendOf } from '../../deploy/commands/wait-rollout.ts'
import { answerOf, cluster, healthy } from '../support/deploy/recorded-cluster.ts'
import { makeWorld, type Run } from '../support/deploy/world.ts'

const app = { kind: 'Deployment', name: 'app-deployment' } as const
const database = { kind: 'StatefulSet', name: 'mongodb' } as const
const deployment = 'Deployment/app-deployment'
const pod = 'Pod/app-deployment-6f-a'

async function run(line: string, facts: Readonly<Record<string, string>>): Promise<Run> {
  const world = makeWorld('exists', 'running', 'deployed')
  for (const [fact, text] of Object.entries(facts)) world.set(fact, text)
  try {
    return await world.paste('deploy.sh', `node deploy/commands/${line}`)
  } finally {
    world.close()
  }
}
const wait = (items: readonly unknown[], facts: Readonly<Record<string, string>> = {}) =>
  run('wait-rollout.ts deployment/app-deployment --deadline 30', {
    'fault-pods': answerOf(items),
    ...facts,
  })

describe('a wait', { concurrency: 4 }, () => {
  test('ends at once if all is there', async () => {
    const { code, err } = await wait(healthy())
    assert.equal(code, 0, err)
    assert.match(err, /^deployment\/app-deployment: 2 of 2 pods ready/)
  })

  test('scales an application up that somebody has scaled to 0', async () => {
    const { code, err, calls } = await wait(cluster({ [deployment]: { spec: { replicas: 0 } } }))
    assert.equal(code, 0, err)
    assert.match(err, /was scaled to 0, which switches its autoscaler off: to 2 again/)
    const scale =
      /^kubectl scale -n mongo --context minikube deployment\/app-deployment --replicas=2$/
    assert.equal(calls.filter((call) => scale.test(call)).length, 1)
  })

  test('restarts pods that began before a secret changed', async () => {
    const { code, err, calls } = await wait(waitingPod, { 'fault-changed': changedAt('22:00:05') })
    assert.equal(code, 0, err)
    assert.match(err, /began before its settings or secrets changed: restarted/)
    assert.ok(
      calls.some((call) => /^kubectl rollout .* restart deployment\/app-deployment$/.test(call)),
    )
  })

  test('restarts pods that began before there was a secret to mount', async () => {
    const creating = { waiting: { reason: 'ContainerCreating' } }
    const status = {
      phase: 'Pending',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [
        { name: 'app', image: 'data-service:1', restartCount: 0, state: creating },
      ],
    }
    const items = cluster({
      [deployment]: { status: { readyReplicas: 1, availableReplicas: 1 } },
      [pod]: { metadata: { creationTimestamp: '2026-11-24T22:00:00Z' }, status },
    })
    const event = {
      kind: 'Event',
      reason: 'FailedMount',
      message: 'MountVolume.SetUp failed : secret "api-token" not found',
      involvedObject: { name: 'app-deployment-6f-a' },
      lastTimestamp: '2026-11-24T22:00:03Z',
    }
    const { code, err } = await wait([...items, event], { 'fault-changed': changedAt('22:00:05') })
    assert.equal(code, 0, err)
    assert.match(err, /began before its settings or secrets changed: restarted/)
  })

  test('restarts no pod that began after that', async () => {
    const { code, calls } = await wait(waitingPod, { 'fault-changed': changedAt('21:59:55') })
    assert.equal(code, 36)
    assert.ok(!calls.some((call) => call.startsWith('kubectl rollout')))
  })

  test('goes on while fewer pods are ready than the autoscaler is to have', async () => {
    const few = cluster({ 'HorizontalPodAutoscaler/app-autoscale': { spec: { minReplicas: 4 } } })
    for (const line of [
      'wait-rollout.ts deployment/app-deployment --deadline 2',
      'wait-autoscaler.ts --deadline 2',
    ]) {
      const { code, err } = await run(line, { 'fault-pods': answerOf(few) })
      assert.equal(code, 36, err)
      assert.match(err, /not ready after 2 s: 2 of 4 pods have the new version, 2 ready/)
    }
  })

  test('ends for an application that somebody has removed', async () => {
    const { code, err } = await wait(cluster({ [deployment]: 'gone' }))
    assert.equal(code, 25, err)
    assert.match(err, /there is no deployment\/app-deployment any more/)
  })

  test('that cannot ask says so in kubectl’s words', async () => {
    const words = 'error: You must be logged in to the server (Unauthorized)'
    const line = 'wait-rollout.ts deployment/app-deployment --deadline 2'
    const { code, err } = await run(line, { 'fault-ask': words })
    assert.equal(code, 1)
    assert.match(err, /the cluster does not answer; kubectl cannot ask the cluster "minikube"/)
    assert.match(err, /it says: {2}error: You must be logged in to the server \(Unauthorized\)/)
    assert.doesNotMatch(err, /not there yet/)
  })
})

/** One of two pods runs and is not ready. */
const waitingPod = cluster({
  [deployment]: { status: { readyReplicas: 1, availableReplicas: 1 } },
  [pod]: {
    metadata: { creationTimestamp: '2026-11-24T22:00:00Z' },
    status: { conditions: [{ type: 'Ready', status: 'False' }] },
  },
})
const changedAt = (time: string) =>
  JSON.stringify({
    items: [
      { metadata: { managedFields: [{ time: '2026-11-24T20:00:00Z' }] } },
      { metadata: { managedFields: [{ time: `2026-11-24T${time}Z` }] } },
    ],
  })

describe('a database pod of an older version', () => {
  const set = { status: { updateRevision: 'mongodb-2', currentRevision: 'mongodb-1' } }
  const labels = (revision: string) => ({
    metadata: { labels: { 'controller-revision-hash': revision } },
  })
  const notReady = { status: { conditions: [{ type: 'Ready', status: 'False' }] } }
  const items = (revision: string, ready: boolean) =>
    cluster({
      'StatefulSet/mongodb': set,
      'Pod/mongodb-0': { ...labels(revision), ...(ready ? {} : notReady) },
    })

  test('is deleted by the wait, which then sees the new one', async () => {
    const line = 'wait-rollout.ts statefulset/mongodb --deadline 60'
    const facts = { 'fault-pods': answerOf(items('mongodb-1', false)) }
    const { code, err, calls } = await run(line, facts)
    assert.equal(code, 0, err)
    assert.match(err, /pod mongodb-0 is of an older version and not ready: deleted/)
    const deletes = calls.filter((call) => call.startsWith('kubectl delete '))
    assert.deepEqual(deletes, [
      'kubectl delete -n mongo --context minikube pod mongodb-0 --wait=false',
    ])
  })

  test('that is not ready is deleted: its StatefulSet would wait for it forever', () => {
    const mend = mendOf(database, items('mongodb-1', false))
    assert.deepEqual(mend?.words, ['delete', 'pod', 'mongodb-0', '--wait=false'])
    assert.ok((mend?.patience ?? 0) >= 10, 'a rollout that goes its way has the time for it')
  })

  test('that is ready is left to its StatefulSet, and so is a new one', () => {
    assert.equal(mendOf(database, items('mongodb-1', true)), undefined)
    assert.equal(mendOf(database, items('mongodb-2', false)), undefined)
  })
})

test('nothing is mended in a healthy cluster', () => {
  for (const workload of [app, database]) assert.equal(mendOf(workload, healthy()), undefined)
})
