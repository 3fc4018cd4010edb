// --database external: no object of a database, and pods that find the one that others run.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { listAt, textAt, valueAt } from '../../deploy/cluster/kubectl.ts'
import { makeUriSecret } from '../../manifests/external-database.ts'
import { readConfig } from '../../src/config.ts'
import { run } from '../support/manifests/command.ts'
import { combinations, objectsOf, targets } from '../support/manifests/objects.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const external = { database: 'external' } as const

test('there is no object of a database in any combination of options', () => {
  for (const { target, settings } of combinations()) {
    for (const object of objectsOf(target, { ...settings, ...external })) {
      const { kind, metadata } = object
      assert.doesNotMatch(kind, /StatefulSet|MongoDBCommunity|Secret/)
      // The backups' are there.
      if (kind.startsWith('PersistentVolume')) assert.equal(metadata.name, 'app-backups')
      assert.notEqual(
        textAt(object, 'metadata', 'labels', 'app.kubernetes.io/component'),
        'database',
      )
      if (target === 'cloud') assert.notEqual(metadata.namespace ?? metadata.name, 'mongo')
    }
  }
})

for (const target of targets) {
  const find = (kind: string, settings = {}) =>
    objectsOf(target, { ...external, ...settings }).find((object) => object.kind === kind)

  test(`${target}: the pods read the string, and a certificate if there is one, from the Secret that the command makes`, () => {
    const pod = valueAt(find('Deployment'), 'spec', 'template', 'spec')
    const variables = new Map(
      listAt(pod, 'containers', 0, 'env').map((entry) => [
        textAt(entry, 'name'),
        textAt(entry, 'value'),
      ]),
    )
    const mount = textAt(pod, 'containers', 0, 'volumeMounts', 0, 'mountPath')
    const sources = listAt(pod, 'volumes', 0, 'projected', 'sources').map((source) => ({
      name: textAt(source, 'secret', 'name'),
      key: textAt(source, 'secret', 'items', 0, 'key'),
      path: `${mount}/${textAt(source, 'secret', 'items', 0, 'path')}`,
      optional: valueAt(source, 'secret', 'optional') === true,
    }))
    const name = 'mongodb-uri'
    assert.deepEqual(sources, [
      { name, key: 'uri', path: variables.get('MONGODB_URI_FILE'), optional: false },
      { name, key: 'ca.crt', path: '/run/credentials/ca.crt', optional: true },
    ])
    assert.match(makeUriSecret, new RegExp(` secret generic ${name} --from-literal=uri=`))
    assert.ok(!variables.has('USER_PWD_FILE'))
    assert.doesNotMatch(JSON.stringify(find('ConfigMap')), /DB_URL|USER_NAME/)
  })

  test(`${target}: the service takes such a file, for a whole cluster with a certificate of its own`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'uri-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const MONGODB_URI_FILE = join(folder, 'uri')
    const uri = 'mongodb+srv://me:secret@db.example.net/?tlsCAFile=/run/credentials/ca.crt'
    writeFileSync(MONGODB_URI_FILE, `${uri}\n`)
    const { data } = JSON.parse(JSON.stringify(find('ConfigMap')))
    const { config } = readConfig({ MONGODB_URI_FILE, ...data })
    assert.equal(config?.store.kind === 'mongo' && config.store.uri, uri)
  })

  test(`${target}: the pods may ask DNS and the database: at MongoDB's port, or at the addresses that are said`, () => {
    const egress = (settings = {}) => {
      const policy = objectsOf(target, { ...external, ...settings }).find(
        ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'app-deployment',
      )
      const [dns, ...others] = listAt(policy, 'spec', 'egress')
      assert.deepEqual(
        listAt(dns, 'ports').map((port) => valueAt(port, 'port')),
        [53, 53],
      )
      return others
    }
    assert.deepEqual(egress(), [{ ports: [{ protocol: 'TCP', port: 27017 }] }])
    assert.deepEqual(egress({ databaseCidr: ['10.1.0.0/16', 'fd00::/8'] }), [
      {
        to: [{ ipBlock: { cidr: '10.1.0.0/16' } }, { ipBlock: { cidr: 'fd00::/8' } }],
        ports: [{ protocol: 'TCP' }],
      },
    ])
  })
}

test('the folder keeps whose the database is, and where, until an option says otherwise', (t) => {
  const out = temporaryFolder(t)
  const written = (...options: string[]) => {
    const { status, stderr } = run(['--out', out, ...options])
    assert.equal(status, 0, stderr)
    const network = readFileSync(join(out, 'network.yaml'), 'utf8')
    return {
      ours: existsSync(join(out, 'mongo-stateful.yaml')),
      ranges: network.match(/10\.\d\.0\.0\/16/g),
    }
  }
  const there = ['10.1.0.0/16', '10.2.0.0/16']
  const asked = ['--database', 'external', '--database-cidr', there.join(',')]
  assert.deepEqual(written(...asked), { ours: false, ranges: there })
  assert.deepEqual(written('--cpu', '50'), { ours: false, ranges: there })
  assert.deepEqual(written('--database', 'own'), { ours: true, ranges: null })
  assert.deepEqual(written(), { ours: true, ranges: null })
})

test('addresses of our own database are refused, and so is what is not an address', (t) => {
  const out = temporaryFolder(t)
  const wrong = (...options: string[]) => {
    const { status, stderr } = run(['--out', out, ...options])
    assert.equal(status, 2)
    return stderr
  }
  assert.match(wrong('--database-cidr', '10.0.0.0/8'), /--database-cidr: the database is our own/)
  for (const cidr of [
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    'fd00::/129',
    'host/8',
    '10.0.0.0/8,',
  ]) {
    assert.match(wrong('--database=external', `--database-cidr=${cidr}`), /expects addresses such/)
  }
  assert.match(wrong('--database', 'atlas'), /--database atlas: expects own or external/)
})
