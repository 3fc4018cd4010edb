// The YAML that docs/kubernetes.md explains, a part at a time, is what manifests.ts writes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toYaml } from '../../manifests/yaml.ts'
import { blocksOf } from '../support/docs/markdown.ts'
import { filesOf } from '../support/manifests/objects.ts'

// It is made of the password, which is another one in each folder.
const masked = (text: string) => text.replace(/(?<=\/credentials: ).*/, '(checksum)')

test('the parts of build/app.yaml, one after the other, are the whole file', () => {
  const parts = blocksOf('docs/kubernetes.md').filter(
    ({ mark }) => mark === 'part of: build/app.yaml',
  )
  const file = filesOf('minikube').find(({ file }) => file === 'app.yaml')
  assert.ok(file && parts.length > 5)
  const shown = parts.map(({ text }) => `${text}\n`).join('')
  assert.equal(masked(shown), masked(toYaml(file.objects)))
})
