// status.ts on the recorded tools: it shows what there is.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answerOf, cluster, elsewhere, healthy } from '../support/deploy/recorded-cluster.ts'
import { makeWorld, type Run } from '../support/deploy/world.ts'

async function status(facts: Readonly<Record<string, string>>, profile = 'minikube'): Promise<Run> {
  const world = makeWorld()
  for (const [fact, text] of Object.entries(facts)) world.set(fact, text)
  try {
    return await world.paste('deploy.sh', `node deploy/commands/status.ts --profile ${profile}`)
  } finally {
    world.close()
  }
}
const runs = { exists: '', running: '' }
const lines = ({ out }: Run) => out.split('\n')

describe('status', { concurrency: 4 }, () => {
  test('begins by saying that all is well', async () => {
    const run = await status({ ...runs, 'fault-pods': answerOf(healthy()) })
    assert.equal(run.code, 0, run.err)
    assert.equal(lines(run)[0], 'all is well')
    assert.match(run.out, /\napplication {2}2 of 2 pods ready\n/)
    assert.match(run.out, /\ndata {9}312\.7 MiB in \/data\/mongodb/)
  })

  test('of the script is one program, which asks each question once', async () => {
    const world = makeWorld(...Object.keys(runs), 'metrics', 'deployed')
    const { code, err, calls } = await world.run('deploy.sh', ['status'])
    world.close()
    assert.equal(code, 0, err)
    assert.equal(err, '+ node deploy/commands/status.ts --profile minikube\n')
    assert.ok(calls.length > 5)
    assert.deepEqual(calls.toSorted(), [...new Set(calls)].sort())
  })

  test('of a first start shows the database that waits, without an application', async () => {
    const condition = { type: 'PodScheduled', status: 'False', message: 'Insufficient memory' }
    const items = cluster({
      'Deployment/app-deployment': 'gone',
      'Pod/app-deployment-6f-a': 'gone',
      'StatefulSet/mongodb': { status: { readyReplicas: 0 } },
      'Pod/mongodb-0': { status: { phase: 'Pending', conditions: [condition] } },
    })
    const run = await status({ ...runs, 'fault-pods': answerOf(items) })
    assert.equal(run.code, 26, run.err)
    assert.match(lines(run)[0] ?? '', /^NOT WELL: no node takes pod mongodb-0/)
    assert.match(run.out, /\napplication {2}not there yet\nimage {8}none\n/)
    assert.match(run.out, /\nmongodb-0 .* Pending /)
  })

  test('says that a password is wrong: only the log of the pod does', async () => {
    const items = cluster({
      'Deployment/app-deployment': { status: { readyReplicas: 1, availableReplicas: 1 } },
      'Pod/app-deployment-6f-a': { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
    })
    const log = '{"err":{"message":"Authentication failed."}}\n'
    const run = await status({ ...runs, 'fault-pods': answerOf(items), 'fault-log': log })
    assert.equal(run.code, 26, run.err)
    assert.match(lines(run)[0] ?? '', /^NOT WELL: pod app-deployment-6f-a .* refuses its password$/)
    assert.match(run.out, /it says: {2}Authentication failed\./)
  })

  test('says when the last verified backup was made, as a pod knows it', async () => {
    const facts = { ...runs, 'fault-pods': answerOf(healthy()) }
    const none = await status(facts)
    assert.match(none.out, /\nbackup {7}none yet: \S+ backup makes one\n/)
    const hour = Date.now() / 1000 - 3 * 3600
    const made = await status({ ...facts, 'backup-time': `${hour}` })
    assert.match(made.out, /\nbackup {7}\S+ \d\d:\d\d UTC, 3h ago, restored and compared\n/)
    const away = await status({ ...facts, 'no-metrics': '' })
    assert.equal(away.code, 0, away.err)
    assert.match(away.out, /\nbackup {7}unknown: the application does not answer\n/)
  })

  test('knows a database that others run', async () => {
    const run = await status({ ...runs, 'fault-pods': answerOf(cluster(elsewhere())) })
    assert.equal(run.code, 0, run.err)
    assert.equal(lines(run)[0], 'all is well')
    assert.match(run.out, /\ndatabase {5}another's, by the Secret mongodb-uri\n/)
    assert.match(run.out, /\ndata {9}where that database has it\n/)
  })

  for (const [log, says] of [
    [
      '{"msg":"no connection to the database yet","err":{"message":"Nothing listens at the address of the database."}}',
      /it says: {2}Nothing listens at the address/,
    ],
    ['{"msg":"store: ok"}\n{"msg":"store: The database does not answer."}', /does not answer/],
    [
      '{"msg":"no connection to the database yet","err":{"message":"Authentication failed at the database"}}',
      /Authentication failed[\s\S]*delete secret mongodb-uri; .* create secret generic mongodb-uri /,
    ],
  ] as const) {
    test(`says why such a database cannot be used, in the service's words: ${says}`, async () => {
      const items = cluster({
        ...elsewhere({ readyReplicas: 1, availableReplicas: 1 }),
        'Pod/app-deployment-6f-a': { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      })
      const run = await status({ ...runs, 'fault-pods': answerOf(items), 'fault-log': `${log}\n` })
      assert.equal(run.code, 26, run.err)
      assert.match(
        lines(run)[0] ?? '',
        /^NOT WELL: pod app-deployment-6f-a .* cannot use the database that the Secret/,
      )
      assert.match(run.out, says)
      assert.match(run.out, /--database-cidr ITS-ADDRESSES/)
    })
  }

  test('of an empty cluster is the exit code for it', async () => {
    const run = await status({ ...runs, 'fault-pods': answerOf([]) })
    assert.equal(run.code, 25, run.err)
    assert.match(lines(run)[0] ?? '', /there is no app-deployment in the cluster "minikube"/)
  })

  test('of a cluster that is stopped says so, with kubectl’s words', async () => {
    const run = await status({ exists: '', 'fault-ask': 'dial tcp: connection refused' })
    assert.equal(run.code, 25)
    assert.match(run.err, /cluster "minikube" is stopped\n.*connection refused/)
  })

  test('of no cluster says so', async () => {
    const run = await status({})
    assert.equal(run.code, 25)
    assert.match(run.err, /cluster "minikube" is absent/)
  })

  test('of another’s cluster runs nothing in its pods', async () => {
    const run = await status({}, 'production')
    assert.equal(run.code, 15, run.err)
    assert.deepEqual(
      run.calls.filter((call) => call.startsWith('kubectl exec')),
      [],
    )
  })
})
