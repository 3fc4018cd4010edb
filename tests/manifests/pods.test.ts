// What every pod must have: Pod Security `restricted`, requests and limits, time to leave.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { valueAt } from '../../deploy/cluster/kubectl.ts'
import { defaults } from '../../manifests/options.ts'
import { manifests } from '../../manifests.ts'
import { credentials, one, targets, workloadsOf } from '../support/manifests/objects.ts'

for (const target of targets) {
  for (const { name, pod } of workloadsOf(target)) {
    test(`${target}: ${name} meets Pod Security restricted, with a read-only root`, () => {
      assert.equal(pod.securityContext?.runAsNonRoot, true)
      assert.ok((pod.securityContext?.runAsUser ?? 0) > 0)
      assert.equal(pod.securityContext?.seccompProfile?.type, 'RuntimeDefault')
      assert.equal(pod.automountServiceAccountToken, false)
      assert.ok(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC)
      for (const { securityContext } of pod.containers) {
        assert.equal(securityContext?.allowPrivilegeEscalation, false)
        assert.equal(securityContext?.readOnlyRootFilesystem, true)
        assert.deepEqual(securityContext?.capabilities, { drop: ['ALL'] })
      }
      for (const volume of pod.volumes ?? []) assert.ok(volume.projected ?? volume.emptyDir)
    })

    test(`${target}: ${name} requests CPU and memory and limits its memory and its disk`, () => {
      for (const { resources } of pod.containers) {
        assert.ok(resources?.requests?.cpu && resources.requests.memory)
        assert.ok(resources.limits?.memory && resources.limits['ephemeral-storage'])
      }
    })

    test(`${target}: ${name} runs an exact tag and never reads a secret into its environment`, () => {
      for (const { image, env, envFrom } of pod.containers) {
        assert.match(image ?? '', /:(?!latest$)[\w.-]+$/)
        assert.ok(!env?.some(({ valueFrom }) => valueFrom?.secretKeyRef))
        assert.ok(!envFrom?.some(({ secretRef }) => secretRef))
      }
    })
  }

  test(`${target}: the grace period covers the hook, the drain delay and the drain deadline`, () => {
    const pod = one(target, 'Deployment', 'app-deployment').spec?.template.spec
    const env = pod?.containers[0]?.env ?? []
    const seconds = (variable: string) => {
      const value = env.find(({ name }) => name === variable)?.value ?? ''
      assert.match(value, /^\d+s$/)
      return Number.parseInt(value, 10)
    }
    const hook = pod?.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? Number.NaN
    const needed = hook + seconds('DRAIN_DELAY') + seconds('DRAIN_DEADLINE')
    assert.ok((pod?.terminationGracePeriodSeconds ?? 0) > needed, `${needed} s`)
  })

  test(`${target}: a rollout never has fewer pods than before`, () => {
    const { spec } = one(target, 'Deployment', 'app-deployment')
    assert.deepEqual(spec?.strategy?.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 })
  })
}

test('the database keeps its claim when its StatefulSet is deleted', () => {
  const { spec } = one('minikube', 'StatefulSet', 'mongodb')
  assert.deepEqual(spec?.persistentVolumeClaimRetentionPolicy, {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  })
})

test('another password makes new pods of the application, and none of the database', () => {
  const templates = (password: string) => {
    const objects = manifests(defaults, { ...credentials, password }).flatMap(
      (file) => file.objects,
    )
    return objects.flatMap((object) => {
      const template = object.kind === 'Secret' ? undefined : valueAt(object, 'spec', 'template')
      return template === undefined ? [] : [`${object.kind} ${JSON.stringify(template)}`]
    })
  }
  const [before, after] = [templates('pass-one'), templates('pass-two')]
  assert.deepEqual(before, templates('pass-one'))
  const changed = before.filter((text) => !after.includes(text))
  assert.deepEqual(
    changed.map((text) => text.split(' ')[0]),
    ['Deployment'],
  )
  assert.ok(!changed.join('').includes('pass-one'), 'and it does not show the password')
})
