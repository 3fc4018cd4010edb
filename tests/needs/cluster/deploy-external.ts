// A database that others run: a mongod in a namespace of its own, with a log-in and TLS, stands for it.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { exitCodes } from '../../../deploy/cluster/report.ts'
import { databaseImage } from '../../../manifests/database.ts'
import { toYaml } from '../../../manifests/yaml.ts'
import { createAuthority } from '../linux/certificates.ts'
import { kubectl, profile, run } from './cluster.ts'
import { deploy } from './deploy-project.ts'
import { upWords, urlOf } from './deploy-up.ts'

const namespace = 'elsewhere'
const host = `mongodb.${namespace}.svc.cluster.local`
const selector = { app: 'mongodb' }
const inMongo = ['-n', 'mongo']
const base64 = (bytes: Buffer) => bytes.toString('base64')

// In front of the database: the server that stands for mongod here has no TLS of its own, and starts on the port after 27017.
const proxy = `
  const { connect } = require('node:net')
  const { readFileSync } = require('node:fs')
  const [key, cert] = ['tls.key', 'tls.crt'].map((name) => readFileSync('/tls/' + name))
  require('node:tls').createServer({ key, cert }, (socket) => {
    const database = connect(27017, '127.0.0.1')
    for (const end of [socket, database]) {
      end.on('error', () => {})
      end.once('close', () => [socket, database].map((each) => each.destroy()))
    }
    socket.pipe(database).pipe(socket)
  }).listen(28017)`

const objects = (image: string, password: string, key: Buffer, cert: Buffer) => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'tls', namespace },
    data: { 'tls.key': base64(key), 'tls.crt': base64(cert) },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'mongodb', namespace },
    spec: {
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector },
        spec: {
          containers: [
            {
              name: 'mongod',
              image: databaseImage,
              env: [
                { name: 'MONGO_INITDB_ROOT_USERNAME', value: 'somebody' },
                { name: 'MONGO_INITDB_ROOT_PASSWORD', value: password },
                { name: 'GLIBC_TUNABLES', value: 'glibc.pthread.rseq=1' },
              ],
            },
            {
              name: 'tls',
              image,
              command: ['node', '-e', proxy],
              volumeMounts: [{ name: 'tls', mountPath: '/tls' }],
              readinessProbe: { tcpSocket: { port: 28017 }, periodSeconds: 2 },
            },
          ],
          volumes: [{ name: 'tls', secret: { secretName: 'tls' } }],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'mongodb', namespace },
    spec: { selector, ports: [{ port: 27017, targetPort: 28017 }] },
  },
]

/** Makes the Secret that leads there, as its owner would, in the place of one that there is. */
async function leadThere(password: string, authority: string): Promise<void> {
  const uri = `mongodb://somebody:${password}@${host}/?tls=true&tlsCAFile=/run/credentials/ca.crt`
  await kubectl('delete', 'secret', 'mongodb-uri', ...inMongo, '--ignore-not-found')
  await kubectl(
    'create',
    'secret',
    'generic',
    'mongodb-uri',
    ...inMongo,
    `--from-literal=uri=${uri}`,
    `--from-file=ca.crt=${authority}`,
  )
}

const documentAt = async (url: string) => (await fetch(`${url}/data/of-elsewhere`)).status
const write = async (url: string) => {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/data/of-elsewhere`, { method: 'PUT', headers, body: '{"n":1}' }))
    .status
}

export function usesAnotherDatabase(): void {
  const password = randomBytes(12).toString('hex')
  const authority = createAuthority()

  test('without the Secret of such a database up waits for it, and says who makes it', async () => {
    // A policy sees the port of the pod, which is not that of the Service here.
    const place = ['--database', 'external', '--database-cidr', '10.0.0.0/8']
    const { code, err } = await deploy([...upWords, ...place])
    assert.equal(code, exitCodes.container.code, err)
    assert.match(err, /create secret generic mongodb-uri/)
  })

  test('with it the documents are there, by TLS and with a log-in, and status says so', async () => {
    const ofApp = ['deployment', 'app-deployment', ...inMongo]
    const path = 'jsonpath={.spec.template.spec.containers[0].image}'
    const image = await kubectl('get', ...ofApp, '-o', path)
    const { key, cert } = authority.sign(host, 1)
    const yaml = toYaml(objects(image, password, key, cert))
    await run('kubectl', ['--context', profile, 'apply', '-f', '-'], yaml)
    const rollout = ['rollout', 'status', 'deployment/mongodb', '-n', namespace, '--timeout=180s']
    await kubectl(...rollout)
    await leadThere(password, authority.file)
    const url = await urlOf()
    assert.equal(await documentAt(url), 404)
    assert.equal(await write(url), 201)
    assert.equal(await documentAt(url), 200)
    const status = await deploy(['status'])
    assert.equal(status.code, 0, status.err)
    assert.match(status.out, /\ndatabase {5}another's, by the Secret mongodb-uri\n/)
  })

  test('a wrong password is said in the words of the service', async () => {
    await leadThere('wrong', authority.file)
    await kubectl('rollout', 'restart', 'deployment/app-deployment', ...inMongo)
    const { code, err } = await deploy(upWords)
    assert.equal(code, exitCodes.wrongPassword.code, err)
    assert.match(err, /cannot use the database that the Secret mongodb-uri leads to/)
  })

  test('the documents of our own are there again once that is asked for', async () => {
    const { code, out, err } = await deploy([...upWords, '--database', 'own'])
    assert.equal(code, 0, err)
    assert.equal(await documentAt(out.trim()), 404)
    await kubectl('delete', 'namespace', namespace, '--wait=false')
    await kubectl('delete', 'secret', 'mongodb-uri', ...inMongo)
  })
}
