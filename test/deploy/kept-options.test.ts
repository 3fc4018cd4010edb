// What `up` keeps of a cluster that is there: its password, and every option that it is not told.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { exitCodes } from '../../deploy/exit-codes.ts'
import { makeWorld, type Run, type World } from './world.ts'

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

describe('what a cluster has', { concurrency: false }, () => {
  let world: World
  beforeEach(() => {
    world = makeWorld('exists', 'running', 'metrics')
  })
  afterEach(() => world.close())

  const clusterHas = (...items: unknown[]) =>
    world.set('objects', JSON.stringify({ kind: 'List', items }))
  const write = (...options: string[]): Promise<Run> =>
    world.paste(
      'deploy.sh',
      ['node deploy/commands/write-manifests.ts --image data-service:1', ...options].join(' '),
    )
  const byHand = (...options: string[]): Promise<Run> =>
    world.paste('deploy.sh', ['node manifests.ts', ...options].join(' '))
  const built = (file: string) => readFileSync(join(world.folder, 'build', file), 'utf8')
  const ends = (run: Run, outcome: keyof typeof exitCodes, says: RegExp) => {
    assert.equal(run.code, exitCodes[outcome].code, run.err)
    assert.match(run.err, says)
  }

  it('stays where a fresh clone is not told anything: token, port, pods, CPU, window, size, password', async () => {
    clusterHas(...deployed)
    const run = await write()
    assert.equal(run.code, 0, run.err)
    assert.match(run.err, /kept as the cluster has it: --node-port 30301, --replicas 3, --cpu 40/)
    assert.match(built('app.yaml'), /name: API_TOKEN_SCOPE\s+value: writes/)
    assert.match(built('app.yaml'), /nodePort: 30301/)
    assert.match(built('app-autoscale.yaml'), /minReplicas: 3/)
    assert.match(built('app-autoscale.yaml'), /averageUtilization: 40/)
    assert.match(built('app-autoscale.yaml'), /stabilizationWindowSeconds: 0\n/)
    assert.match(built('mongo-volume.yaml'), /storage: 5Gi/)
    assert.ok(built('mongo-secret.yaml').includes(base64('of the cluster')))
  })

  it('changes where an option says so, and none opens the service', async () => {
    clusterHas(...deployed)
    const run = await write('--api-token none', '--replicas=4')
    assert.equal(run.code, 0, run.err)
    assert.doesNotMatch(built('app.yaml'), /API_TOKEN/)
    assert.match(built('app-autoscale.yaml'), /minReplicas: 4/)
    assert.match(built('app.yaml'), /nodePort: 30301/)
  })

  it('is known after down, which removes the objects, by the note that up leaves', async () => {
    clusterHas(...deployed)
    await write()
    const config = parseAllDocuments(built('mongo-config.yaml')).at(-1)?.toJS()
    world.close()
    world = makeWorld('exists', 'running')
    clusterHas(secret, tokenSecret, config)
    assert.equal((await write()).code, 0)
    assert.match(built('app.yaml'), /name: API_TOKEN_SCOPE\s+value: writes/)
    assert.match(built('app.yaml'), /nodePort: 30301/)
  })

  it('is never opened by guess: a token of which nobody knows what needs it', async () => {
    clusterHas(secret, tokenSecret)
    ends(await write(), 'manifests', /nothing says any more what needs it.*nothing is changed/)
    assert.ok(!existsSync(join(world.folder, 'build/app.yaml')))
    assert.equal((await write('--api-token all')).code, 0)
  })

  it('is compared with the password of build/ before anything is applied', async () => {
    clusterHas(...deployed)
    assert.equal((await byHand('--api-token writes')).code, 0)
    const before = built('mongo-secret.yaml')
    ends(
      await write(),
      'manifests',
      /another password.*nothing is changed[\s\S]*rm build\/mongo-secret/,
    )
    assert.equal(built('mongo-secret.yaml'), before)
    const run = await world.run('deploy.sh', ['up'])
    ends(run, 'manifests', /another password/)
    assert.deepEqual(
      run.calls.filter((call) => /^kubectl (?:apply|delete)/.test(call)),
      [],
    )
  })

  it('gives way to what was asked for by hand, once', async () => {
    assert.equal((await byHand('--storage 5Gi --node-port 30301 --api-token writes')).code, 0)
    clusterHas()
    assert.equal((await write()).code, 0)
    assert.match(built('mongo-volume.yaml'), /storage: 5Gi/)
    assert.match(built('app.yaml'), /nodePort: 30301/)
    assert.match(built('app.yaml'), /API_TOKEN_SCOPE/)
    // Somebody else has changed the port since.
    const password = /password: (\S+)/.exec(built('mongo-secret.yaml'))?.[1] ?? ''
    const own = { ...secret, data: { username: base64('data-service'), password } }
    clusterHas(own, {
      kind: 'Service',
      metadata: { name: 'app-service' },
      spec: { ports: [{ nodePort: 30302 }] },
    })
    assert.equal((await write()).code, 0)
    assert.match(built('app.yaml'), /nodePort: 30302/)
  })

  it('is not taken from a folder that was made for another cluster, whose password is put aside', async () => {
    clusterHas(secretWith('of minikube'), ...deployed.slice(1))
    await write()
    clusterHas()
    assert.equal((await write('--profile data')).code, 0)
    assert.ok(!built('mongo-secret.yaml').includes(base64('of minikube')))
    assert.match(built('app.yaml'), /nodePort: 30300/)
    assert.doesNotMatch(built('app.yaml'), /API_TOKEN/)
    const ofData = built('mongo-secret.yaml')
    assert.ok(built('of-minikube/mongo-secret.yaml').includes(base64('of minikube')))
    // Without a Secret in the cluster either, each has its own again.
    clusterHas()
    assert.equal((await write()).code, 0)
    assert.ok(built('mongo-secret.yaml').includes(base64('of minikube')))
    assert.equal(built('of-data/mongo-secret.yaml'), ofData)
  })

  it('is not taken from a folder of the cloud profile', async () => {
    await byHand('--profile cloud')
    const ofCloud = built('mongo-secret.yaml')
    clusterHas()
    assert.equal((await write()).code, 0)
    assert.notEqual(built('mongo-secret.yaml'), ofCloud)
    assert.equal(built('of-cloud/mongo-secret.yaml'), ofCloud)
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

  it('has a database that others run: that stays so, and no password is asked for', async () => {
    clusterHas(...elsewhere)
    world.set('documents')
    const run = await write()
    assert.equal(run.code, 0, run.err)
    assert.match(run.err, /kept .*--database external, --database-cidr 10\.1\.0\.0\/16/)
    assert.match(run.err, /waits for the Secret mongodb-uri; .*create secret generic mongodb-uri/)
    assert.match(built('network.yaml'), /cidr: "10\.1\.0\.0\/16"/)
    for (const file of ['mongo-stateful.yaml', 'mongo-volume.yaml', 'mongo-secret.yaml']) {
      assert.ok(!existsSync(join(world.folder, 'build', file)), file)
    }
    // After down the note alone says it.
    clusterHas(...elsewhere.slice(1))
    assert.equal((await write()).code, 0)
    assert.match(built('network.yaml'), /10\.1\.0\.0/)
  })

  it('gets a database of its own again where that is asked for', async () => {
    clusterHas(...elsewhere)
    const run = await write('--database own')
    assert.equal(run.code, 0, run.err)
    assert.ok(existsSync(join(world.folder, 'build/mongo-stateful.yaml')))
    assert.doesNotMatch(built('network.yaml'), /10\.1\.0\.0/)
  })

  it('keeps its documents where another database is asked for, and says so', async () => {
    clusterHas(...deployed)
    const run = await write('--database external')
    assert.equal(run.code, 0, run.err)
    assert.match(run.err, /the documents in \/data\/mongodb of the node stay there/)
    assert.match(built('network.yaml'), /port: 27017/)
  })

  it('has documents whose password nobody knows: no new one is made', async () => {
    clusterHas()
    world.set('documents')
    ends(await write(), 'wrongPassword', /has documents, and neither[\s\S]*deletes the documents/)
    assert.ok(!existsSync(join(world.folder, 'build')))
  })

  it('has a volume of another size: said before anything is applied', async () => {
    clusterHas(...deployed)
    ends(
      await write('--storage 6Gi'),
      'usage',
      /--storage 6Gi: the volume has 5Gi[\s\S]*npm run export/,
    )
  })

  it('cannot be asked: no answer is no answer', async () => {
    world.set('fault-objects')
    ends(await write(), 'unexpected', /cannot ask the cluster[\s\S]*Unauthorized/)
    assert.ok(!existsSync(join(world.folder, 'build')))
  })

  it('is on its way out: up waits for its end, and says what holds it', async () => {
    const message = 'Some content in the namespace has finalizers remaining: mine'
    const metadata = { name: 'mongo', deletionTimestamp: '2026-01-01T00:00:00Z' }
    const conditions = [{ status: 'True', reason: 'SomeFinalizersRemain', message }]
    world.set(
      'fault-namespace',
      JSON.stringify({ kind: 'Namespace', metadata, status: { conditions } }),
    )
    const run = await write()
    assert.equal(run.code, 0, run.err)
    assert.match(run.err, /mongo is being removed[\s\S]*finalizers remaining: mine/)
    assert.ok(existsSync(join(world.folder, 'build/app.yaml')))
  })
})
