// --secret external: no password is made, and none that is there gets lost.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { valueAt } from '../../deploy/cluster/kubectl.ts'
import { run } from '../support/manifests/command.ts'
import { combinations, objectsOf, targets } from '../support/manifests/objects.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('there is no Secret in any combination of options', () => {
  for (const { target, settings } of combinations()) {
    const secrets = objectsOf(target, { ...settings, secret: 'external' }).filter(
      ({ kind }) => kind === 'Secret',
    )
    assert.deepEqual(secrets, [])
  }
})

for (const target of targets) {
  test(`${target}: the other objects are the same as with a Secret of our own, except for its checksum`, () => {
    const others = (secret: 'generated' | 'external') => {
      const objects = objectsOf(target, { secret }).filter(({ kind }) => kind !== 'Secret')
      return JSON.parse(JSON.stringify(objects), (key, value) =>
        key === 'data-service/credentials' ? undefined : value,
      )
    }
    assert.deepEqual(others('external'), others('generated'))
  })
}

test('the user that the application names is the one that the documents tell to put into the Secret', () => {
  const config = objectsOf('minikube', { secret: 'external' }).find(
    ({ metadata }) => metadata.name === 'mongo-config',
  )
  const user = valueAt(config, 'data', 'USER_NAME')
  assert.ok(readFileSync('docs/cloud.md', 'utf8').includes(`--from-literal=username=${user}`))
})

test('it is kept by the folder until an option says otherwise, and up has no part in it', (t) => {
  const out = temporaryFolder(t)
  const secret = join(out, 'mongo-secret.yaml')
  const write = (...options: string[]) => {
    assert.equal(run(['--out', out, ...options]).status, 0)
    return existsSync(secret)
  }
  assert.equal(write('--secret', 'external'), false)
  assert.equal(write('--cpu', '50'), false)
  assert.equal(existsSync(join(out, 'kustomize/mongo-secret.yaml')), false)
  assert.equal(write('--cluster', 'minikube'), true)
})

test('a password that the folder has is neither removed nor applied over the one outside', (t) => {
  const out = temporaryFolder(t)
  run(['--out', out])
  const before = readFileSync(join(out, 'mongo-secret.yaml'), 'utf8')
  const { status, stderr } = run(['--out', out, '--secret', 'external'])
  assert.equal(status, 2)
  assert.match(stderr, /mongo-secret\.yaml holds a password; .* then remove the file/)
  assert.equal(readFileSync(join(out, 'mongo-secret.yaml'), 'utf8'), before)
})
