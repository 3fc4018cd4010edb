// What `up` keeps of a cluster that is there: its password, and every option that it is not told.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { exitCodes } from '../../deploy/cluster/report.ts'
import { makeWorld, type Run, type World } from '../support/deploy/world.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const secretWith = (password: string) => ({
  kind: 'Secret',
  metadata: { name: 'mongo-secret', namespace: 'mongo' },
  type: 'Opaque',
  data: { username: base64('someone'), password: base64(password) },
})
const secret = secretWith('of the cluster')
const tokenSecret = { kind: 'Secret', metadata: { name: 'api-token' }, data: { token: 'eA==' } }
const deploymentWith = (env: unknown[]) => ({
  kind: 'Deployment',
  metadata: { name: 'app-deployment' },
  spec: { template: { spec: { containers: [{ name: 'app', env }] } } },
})
const deployed = [
  secret,
  tokenSecret,
  deploymentWith([{ name: 'API_TOKEN_SCOPE', value: 'writes' }]),
  { kind: 'Service', metadata: { name: 'app-service' }, spec: { ports: [{ nodePort: 30301 }] } },
  {
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'app-autoscale' },
    spec: {
      minReplicas: 3,
      metrics: [{ resource: { target: { averageUtilization: 40 } } }],
      behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    },
  },
  {
    kind: 'PersistentVolume',
    metadata: { name: 'mongo-volume' },
    spec: { capacity: { storage: '5Gi' } },
  },
]

interface Cluster {
  world: World
  has: (...items: unknown[]) => void
  write: (...options: string[]) => Promise<Run>
  byHand: (...options: string[]) => Promise<Run>
  built: (file: string) => string
}

function makeCluster(): Cluster {
  const world = makeWorld('exists', 'running', 'metrics')
  const run = (...words: string[]) => world.paste('deploy.sh', words.join(' '))
  const program = 'node deploy/commands/write-manifests.ts --image data-service:1'
  return {
    world,
    has: (...items) => world.set('objects', JSON.stringify({ kind: 'List', items })),
    write: (...options) => run(program, ...options),
    byHand: (...options) => run('node manifests.ts', ...options),
    built: (file) => readFileSync(join(world.folder, 'build', file), 'utf8'),
  }
}

function ends(run: Run, outcome: keyof typeof exitCodes, says: RegExp): void {
  assert.equal(run.code, exitCodes[outcome].code, run.err)
  assert.match(run.err, says)
}

/** A test with a cluster of its own. */
const of = (name: string, test: (cluster: Cluster) => Promise<void>) =>
  it(name, async () => {
    const cluster = makeCluster()
    try {
      await test(cluster)
    } finally {
      cluster.world.close()
    }
  })

describe('what a cluster has', { concurrency: 3 }, () => {
  of(
    'stays where a fresh clone is not told anything: token, port, pods, CPU, window, size, password',
    async (cluster) => {
      cluster.has(...deployed)
      const run = await cluster.write()
      assert.equal(run.code, 0, run.err)
      assert.match(run.err, /kept as the cluster has it: --node-port 30301, --replicas 3, --cpu 40/)
      assert.match(cluster.built('app.yaml'), /name: API_TOKEN_SCOPE\s+value: writes/)
      assert.match(cluster.built('app.yaml'), /nodePort: 30301/)
      assert.match(cluster.built('app-autoscale.yaml'), /minReplicas: 3/)
      assert.match(cluster.built('app-autoscale.yaml'), /averageUtilization: 40/)
      assert.match(cluster.built('app-autoscale.yaml'), /stabilizationWindowSeconds: 0\n/)
      assert.match(cluster.built('mongo-volume.yaml'), /storage: 5Gi/)
      assert.ok(cluster.built('mongo-secret.yaml').includes(base64('of the cluster')))
    },
  )

  of('changes where an option says so, and none opens the service', async (cluster) => {
    cluster.has(...deployed)
    const run = await cluster.write('--api-token none', '--replicas=4')
    assert.equal(run.code, 0, run.err)
    assert.doesNotMatch(cluster.built('app.yaml'), /API_TOKEN/)
    assert.match(cluster.built('app-autoscale.yaml'), /minReplicas: 4/)
    assert.match(cluster.built('app.yaml'), /nodePort: 30301/)
  })

  of(
    'is known after down, which removes the objects, by the note that up leaves',
    async (cluster) => {
      cluster.has(...deployed)
      await cluster.write()
      const config = parseAllDocuments(cluster.built('mongo-config.yaml')).at(-1)?.toJS()
      // A fresh clone beside the same cluster.
      rmSync(join(cluster.world.folder, 'build'), { recursive: true })
      cluster.has(secret, tokenSecret, config)
      assert.equal((await cluster.write()).code, 0)
      assert.match(cluster.built('app.yaml'), /name: API_TOKEN_SCOPE\s+value: writes/)
      assert.match(cluster.built('app.yaml'), /nodePort: 30301/)
    },
  )

  of('is never opened by guess: a token of which nobody knows what needs it', async (cluster) => {
    cluster.has(secret, tokenSecret)
    ends(
      await cluster.write(),
      'manifests',
      /nothing says any more what needs it.*nothing is changed/,
    )
    assert.ok(!existsSync(join(cluster.world.folder, 'build/app.yaml')))
    assert.equal((await cluster.write('--api-token all')).code, 0)
  })

  of('is compared with the password of build/ before anything is applied', async (cluster) => {
    cluster.has(...deployed)
    assert.equal((await cluster.byHand('--api-token writes')).code, 0)
    const before = cluster.built('mongo-secret.yaml')
    ends(
      await cluster.write(),
      'manifests',
      /another password.*nothing is changed[\s\S]*rm build\/mongo-secret[\s\S]*changed the Secret: kubectl .* apply -f build\/mongo-secret\.yaml, then/,
    )
    assert.equal(cluster.built('mongo-secret.yaml'), before)
    const run = await cluster.world.run('deploy.sh', ['up'])
    ends(run, 'manifests', /another password/)
    assert.deepEqual(
      run.calls.filter((call) => /^kubectl (?:apply|delete)/.test(call)),
      [],
    )
  })

  of('gives way to what was asked for by hand, once', async (cluster) => {
    assert.equal(
      (await cluster.byHand('--storage 5Gi --node-port 30301 --api-token writes')).code,
      0,
    )
    cluster.has()
    assert.equal((await cluster.write()).code, 0)
    assert.match(cluster.built('mongo-volume.yaml'), /storage: 5Gi/)
    assert.match(cluster.built('app.yaml'), /nodePort: 30301/)
    assert.match(cluster.built('app.yaml'), /API_TOKEN_SCOPE/)
    // Somebody else has changed the port since.
    const password = /password: (\S+)/.exec(cluster.built('mongo-secret.yaml'))?.[1] ?? ''
    const own = { ...secret, data: { username: base64('data-service'), password } }
    cluster.has(own, {
      kind: 'Service',
      metadata: { name: 'app-service' },
      spec: { ports: [{ nodePort: 30302 }] },
    })
    assert.equal((await cluster.write()).code, 0)
    assert.match(cluster.built('app.yaml'), /nodePort: 30302/)
  })

  of(
    'is not taken from a folder that was made for another cluster, whose password is put aside',
    async (cluster) => {
      cluster.has(secretWith('of minikube'), ...deployed.slice(1))
      await cluster.write()
      cluster.has()
      assert.equal((await cluster.write('--profile data')).code, 0)
      assert.ok(!cluster.built('mongo-secret.yaml').includes(base64('of minikube')))
      assert.match(cluster.built('app.yaml'), /nodePort: 30300/)
      assert.doesNotMatch(cluster.built('app.yaml'), /API_TOKEN/)
      const ofData = cluster.built('mongo-secret.yaml')
      assert.ok(cluster.built('of-minikube/mongo-secret.yaml').includes(base64('of minikube')))
      // Without a Secret in the cluster either, each has its own again.
      cluster.has()
      assert.equal((await cluster.write()).code, 0)
      assert.ok(cluster.built('mongo-secret.yaml').includes(base64('of minikube')))
      assert.equal(cluster.built('of-data/mongo-secret.yaml'), ofData)
    },
  )

  of('is not taken from a folder of the cloud profile', async (cluster) => {
    await cluster.byHand('--target cloud --api-token none')
    const ofCloud = cluster.built('mongo-secret.yaml')
    cluster.has()
    assert.equal((await cluster.write()).code, 0)
    assert.notEqual(cluster.built('mongo-secret.yaml'), ofCloud)
    assert.equal(cluster.built('of-cloud/mongo-secret.yaml'), ofCloud)
  })

  const elsewhere = [
    deploymentWith([{ name: 'MONGODB_URI_FILE', value: '/run/credentials/uri' }]),
    {
      kind: 'ConfigMap',
      metadata: { name: 'deploy-options' },
      data: {
        profile: 'minikube',
        options: '--database=external --database-cidr=10.1.0.0/16',
      },
    },
  ]

  of(
    'has a database that others run: that stays so, and no password is asked for',
    async (cluster) => {
      cluster.has(...elsewhere)
      cluster.world.set('documents')
      const run = await cluster.write()
      assert.equal(run.code, 0, run.err)
      assert.match(run.err, /kept .*--database external, --database-cidr 10\.1\.0\.0\/16/)
      assert.match(run.err, /waits for the Secret mongodb-uri; .*create secret generic mongodb-uri/)
      assert.match(cluster.built('network.yaml'), /cidr: "10\.1\.0\.0\/16"/)
      for (const file of ['mongo-stateful.yaml', 'mongo-volume.yaml', 'mongo-secret.yaml']) {
        assert.ok(!existsSync(join(cluster.world.folder, 'build', file)), file)
      }
      // After down the note alone says it.
      cluster.has(...elsewhere.slice(1))
      assert.equal((await cluster.write()).code, 0)
      assert.match(cluster.built('network.yaml'), /10\.1\.0\.0/)
    },
  )

  of('gets a database of its own again where that is asked for', async (cluster) => {
    cluster.has(...elsewhere)
    const run = await cluster.write('--database own')
    assert.equal(run.code, 0, run.err)
    assert.ok(existsSync(join(cluster.world.folder, 'build/mongo-stateful.yaml')))
    assert.doesNotMatch(cluster.built('network.yaml'), /10\.1\.0\.0/)
  })

  of('keeps its documents where another database is asked for, and says so', async (cluster) => {
    cluster.has(...deployed)
    const run = await cluster.write('--database external')
    assert.equal(run.code, 0, run.err)
    assert.match(run.err, /the documents in \/data\/mongodb of the node stay there/)
    assert.match(cluster.built('network.yaml'), /port: 27017/)
  })

  of('has documents whose password nobody knows: no new one is made', async (cluster) => {
    cluster.has()
    cluster.world.set('documents')
    ends(
      await cluster.write(),
      'wrongPassword',
      /has documents, and neither[\s\S]*deletes the documents/,
    )
    assert.ok(!existsSync(join(cluster.world.folder, 'build')))
  })

  of('has a volume of another size: said before anything is applied', async (cluster) => {
    cluster.has(...deployed)
    ends(
      await cluster.write('--storage 6Gi'),
      'usage',
      /--storage 6Gi: the volume has 5Gi[\s\S]*npm run export/,
    )
  })

  of(
    'is on one of several nodes: minikube’s first, or the one that its volume names',
    async (cluster) => {
      const node = (name: string, more: object = {}) => ({
        metadata: { name, labels: { 'kubernetes.io/hostname': name, ...more } },
      })
      const first = { 'minikube.k8s.io/primary': 'true' }
      const both = { items: [node('minikube-m02'), node('minikube', first)] }
      cluster.world.set('nodes', JSON.stringify(both))
      cluster.has(secret)
      const run = await cluster.write()
      assert.equal(run.code, 0, run.err)
      assert.match(run.err, /the documents are in \/data\/mongodb of the node minikube\n/)
      assert.match(
        cluster.built('mongo-volume.yaml'),
        /nodeAffinity:\s+required:[\s\S]*key: kubernetes\.io\/hostname\s+operator: In\s+values:\s+- minikube\n/,
      )
      // By hand nobody knows the nodes: what up has found stays. A volume's node cannot be changed.
      assert.equal((await cluster.byHand()).code, 0)
      assert.match(cluster.built('mongo-volume.yaml'), /- minikube\n/)
      const volume = parseAllDocuments(
        cluster.built('mongo-volume.yaml').replace('- minikube\n', '- minikube-m02\n'),
      )[0]?.toJS()
      cluster.world.set('nodes', JSON.stringify({ items: [node('minikube-m02')] }))
      cluster.has(secret, volume)
      assert.equal((await cluster.write()).code, 0)
      assert.match(cluster.built('mongo-volume.yaml'), /- minikube-m02\n/)
      // A cluster of one node needs no such thing.
      cluster.has(secret)
      assert.equal((await cluster.write()).code, 0)
      assert.doesNotMatch(cluster.built('mongo-volume.yaml'), /nodeAffinity/)
    },
  )

  of('cannot be asked: silence is not an answer', async (cluster) => {
    cluster.world.set('fault-objects')
    ends(await cluster.write(), 'unexpected', /cannot ask the cluster[\s\S]*Unauthorized/)
    assert.ok(!existsSync(join(cluster.world.folder, 'build')))
  })

  of('is on its way out: up waits for its end, and says what holds it', async (cluster) => {
    const message = 'Some content in the namespace has finalizers remaining: mine'
    const metadata = { name: 'mongo', deletionTimestamp: '2026-01-01T00:00:00Z' }
    const conditions = [{ status: 'True', reason: 'SomeFinalizersRemain', message }]
    cluster.world.set(
      'fault-namespace',
      JSON.stringify({ kind: 'Namespace', metadata, status: { conditions } }),
    )
    const run = await cluster.write()
    assert.equal(run.code, 0, run.err)
    assert.match(run.err, /mongo is being removed[\s\S]*finalizers remaining: mine/)
    assert.ok(existsSync(join(cluster.world.folder, 'build/app.yaml')))
  })
})
