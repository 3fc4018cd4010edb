// What lies in the folder afterwards: the files, their order, kustomize, and a secret that stays.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { writeFiles } from '../../manifests/write-files.ts'
import { run } from '../support/manifests/command.ts'
import { combinations, filesOf } from '../support/manifests/objects.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const read = (...path: string[]) => readFileSync(join(...path), 'utf8')
const contents = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [
      relative(folder, join(parentPath, name)),
      read(parentPath, name),
    ])
const decode = (text: string) => Buffer.from(text, 'base64').toString()

test('minikube: the files and their order are those that the scripts expect', (t) => {
  const out = temporaryFolder(t)
  assert.equal(run(['--out', out]).status, 0)
  assert.equal(
    read(out, 'apply-order.txt'),
    `dev-space.yaml mongo -
network.yaml mongo -
mongo-config.yaml mongo -
mongo-secret.yaml mongo -
mongo-volume.yaml mongo -
mongo-stateful.yaml mongo statefulset/mongodb
app.yaml mongo deployment/app-deployment
app-autoscale.yaml mongo -
backup.yaml mongo -
`,
  )
})

for (const target of ['minikube', 'cloud']) {
  test(`${target}: the folder holds what the order lists, the same for kustomize, and nothing else`, (t) => {
    const out = temporaryFolder(t)
    run(['--target', target, '--api-token', 'none', '--out', out])
    const listed = read(out, 'apply-order.txt').trimEnd().split('\n')
    for (const line of listed) assert.match(line, /^[a-z-]+\.yaml [a-z-]+ (-|[a-z]+\/[a-z-]+)$/)
    const files = listed.map((line) => line.split(' ')[0])
    assert.deepEqual(readdirSync(out).sort(), ['apply-order.txt', 'kustomize', ...files].sort())
    assert.deepEqual(
      readdirSync(join(out, 'kustomize')).sort(),
      ['kustomization.yaml', ...files].sort(),
    )
  })

  test(`${target}: the same input gives the same bytes`, (t) => {
    const [one, other] = [temporaryFolder(t), temporaryFolder(t)]
    run(['--target', target, '--api-token', 'none', '--out', one])
    writeFileSync(join(other, 'mongo-secret.yaml'), read(one, 'mongo-secret.yaml'))
    run(['--target', target, '--api-token', 'none', '--out', other])
    assert.deepEqual(contents(one), contents(other))
    run(['--target', target, '--api-token', 'none', '--out', one])
    assert.deepEqual(contents(one), contents(other))
  })
}

test('the files of the target before are removed, other files and the secret stay', (t) => {
  const out = temporaryFolder(t)
  run(['--out', out])
  writeFileSync(join(out, 'mine.yaml'), 'kept')
  const secret = read(out, 'mongo-secret.yaml')
  run(['--target', 'cloud', '--api-token', 'none', '--out', out])
  const files = readdirSync(out)
  assert.ok(!files.includes('mongo-volume.yaml') && files.includes('app-network.yaml'))
  assert.equal(read(out, 'mine.yaml'), 'kept')
  assert.equal(read(out, 'mongo-secret.yaml'), secret)
  assert.ok(!readdirSync(join(out, 'kustomize')).includes('mongo-volume.yaml'))
})

test('the password is random, of at least 24 characters, and only its owner may read the file', (t) => {
  const passwords = [temporaryFolder(t), temporaryFolder(t)].map((out) => {
    run(['--out', out])
    // Windows has no such bits.
    if (process.platform !== 'win32') {
      for (const folder of [out, join(out, 'kustomize')]) {
        assert.equal(statSync(join(folder, 'mongo-secret.yaml')).mode & 0o777, 0o600)
      }
    }
    return decode(parse(read(out, 'mongo-secret.yaml')).data.password)
  })
  assert.notEqual(passwords[0], passwords[1])
  for (const password of passwords) assert.match(password, /^[0-9a-f]{48}$/)
})

test('an existing secret is kept byte for byte, comments and all', (t) => {
  const out = temporaryFolder(t)
  run(['--out', out])
  const edited = `# mine\n${read(out, 'mongo-secret.yaml')}`
  writeFileSync(join(out, 'mongo-secret.yaml'), edited)
  assert.equal(run(['--out', out, '--storage', '2Gi']).status, 0)
  assert.equal(read(out, 'mongo-secret.yaml'), edited)
})

test('a file in the place of the secret that is not one is named, and nothing is written', (t) => {
  const out = temporaryFolder(t)
  writeFileSync(join(out, 'mongo-secret.yaml'), 'half a fi')
  const { status, stderr } = run(['--out', out])
  assert.equal(status, 2)
  assert.match(stderr, /mongo-secret\.yaml is not the Secret mongo-secret; remove it/)
  assert.deepEqual(readdirSync(out), ['mongo-secret.yaml'])
})

const base64 = (text: string) => Buffer.from(text).toString('base64')
// As `kubectl get secret mongo-secret -n mongo -o json` prints it.
const ofCluster = JSON.stringify({
  apiVersion: 'v1',
  data: { username: base64('someone'), password: base64('of before, with a é') },
  kind: 'Secret',
  metadata: { name: 'mongo-secret', namespace: 'mongo', resourceVersion: '7', uid: 'x' },
  type: 'Opaque',
})

for (const source of ['standard input', 'a file']) {
  test(`the cluster's secret is adopted from ${source}, with its user in the config`, (t) => {
    const out = temporaryFolder(t)
    const file = join(temporaryFolder(t), 'secret.json')
    writeFileSync(file, ofCluster)
    const from = source === 'a file' ? file : '-'
    assert.equal(run(['--adopt-secret', from, '--out', out], ofCluster).status, 0)
    const secret = parse(read(out, 'mongo-secret.yaml'))
    assert.equal(decode(secret.data.password), 'of before, with a é')
    assert.equal(secret.type, 'Opaque')
    assert.deepEqual(Object.keys(secret.metadata), ['name', 'namespace', 'labels'])
    assert.match(read(out, 'mongo-config.yaml'), /USER_NAME: someone\n/)
  })
}

test('a cluster secret that differs from the file is refused: one of them locks the database', (t) => {
  const out = temporaryFolder(t)
  run(['--out', out])
  const before = contents(out)
  const { status, stderr } = run(['--adopt-secret', '-', '--out', out], ofCluster)
  assert.equal(status, 2)
  assert.match(stderr, /holds other credentials/)
  assert.deepEqual(contents(out), before)
})

test('a secret of another name is not adopted', (t) => {
  const other = ofCluster.replace('"mongo-secret"', '"other"')
  const { status } = run(['--adopt-secret', '-', '--out', temporaryFolder(t)], other)
  assert.equal(status, 2)
})

test('nothing in the files means anything to Helm, so that they can be the templates of a chart', () => {
  for (const { target, settings } of combinations()) {
    assert.doesNotMatch(JSON.stringify(filesOf(target, settings)), /\{\{/)
  }
})

for (const { target, settings } of combinations()) {
  test(`${target} ${JSON.stringify(settings)}: kustomize lists every file in order, with the same bytes`, (t) => {
    const out = temporaryFolder(t)
    const files = filesOf(target, settings)
    writeFiles(out, files)
    const read = (file: string) => readFileSync(join(out, 'kustomize', file), 'utf8')
    const { resources, sortOptions, ...others } = parse(read('kustomization.yaml'))
    assert.deepEqual(
      resources,
      files.map(({ file }) => file),
    )
    assert.deepEqual(sortOptions, { order: 'fifo' })
    assert.deepEqual(Object.keys(others), ['apiVersion', 'kind'])
    for (const { file } of files) assert.equal(read(file), readFileSync(join(out, file), 'utf8'))
  })
}
