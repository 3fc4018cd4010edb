// The annotations that tell the analysers which of their findings stand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainFindings } from '../../manifests/analysers.ts'
import { objectsOf, targets } from '../support/manifests/objects.ts'

test('findings of one tool are all listed, in the form that each tool reads', () => {
  const annotations = explainFindings('noCpuLimit', 'imageUser')
  assert.equal(
    annotations['kube-score/ignore'],
    'container-resources,container-security-context-user-group-id',
  )
  assert.match(annotations['checkov.io/skip1'] ?? '', /^CKV_K8S_11=\w/)
  assert.match(annotations['checkov.io/skip2'] ?? '', /^CKV_K8S_40=\w/)
  assert.equal(annotations['polaris.fairwinds.com/cpuLimitsMissing-exempt'], 'true')
  assert.match(annotations['ignore-check.kube-linter.io/unset-cpu-requirements'] ?? '', /\w/)
})

for (const target of targets) {
  test(`${target}: every finding that stands says why`, () => {
    for (const object of objectsOf(target)) {
      const { metadata } = JSON.parse(JSON.stringify(object))
      for (const [key, value] of Object.entries<string>(metadata.annotations ?? {})) {
        if (key.startsWith('checkov.io/')) assert.match(value, /^CKV\w+=.{20}/)
        else if (key.startsWith('ignore-check.')) assert.ok(value.length > 20, key)
        else if (key === 'kubernetes.io/change-cause') assert.match(value, /^image \S+$/)
        else assert.match(key, /^(kube-score\/ignore|polaris\.fairwinds\.com\/\w+-exempt)$/)
      }
    }
  })
}
