// backup.yaml: whom the job reaches and who reaches it, what it may use, and that nothing of it is left without it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { textAt, valueAt } from '../../deploy/cluster/kubectl.ts'
import { readMadeWith } from '../../manifests/made-with.ts'
import { run } from '../support/manifests/command.ts'
import {
  allOf,
  backupOf,
  filesOf,
  objectsOf,
  one,
  selects,
  targets,
} from '../support/manifests/objects.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

for (const target of targets) {
  test(`${target}: no Service, autoscaler, budget or monitor takes the job's pods for the application's`, () => {
    const { labels } = backupOf(target)
    for (const { metadata, spec } of allOf(target, 'Service')) {
      assert.ok(!selects(spec?.selector, labels), metadata.name)
    }
    for (const { metadata, spec } of [
      ...allOf(target, 'Deployment'),
      ...allOf(target, 'PodDisruptionBudget'),
    ]) {
      assert.ok(!selects(spec?.selector?.matchLabels, labels), metadata.name)
    }
    const monitor = objectsOf(target, { monitoring: true }).find(
      ({ kind }) => kind === 'PodMonitor',
    )
    const selector = Object(valueAt(monitor, 'spec', 'selector', 'matchLabels'))
    assert.ok(Object.keys(selector).length > 0 && !selects(selector, labels))
  })

  test(`${target}: one policy is the job's: nobody comes in, and it reaches DNS and the database, which admits it`, () => {
    const { labels } = backupOf(target)
    const policies = allOf(target, 'NetworkPolicy')
    const own = policies.filter(
      ({ metadata, spec }) =>
        metadata.name !== 'deny-all' && selects(spec?.podSelector?.matchLabels, labels),
    )
    assert.deepEqual(
      own.map(({ metadata }) => metadata.name),
      ['app-backup'],
    )
    assert.deepEqual(own[0]?.spec?.policyTypes, ['Ingress', 'Egress'])
    assert.equal(own[0]?.spec?.ingress, undefined)
    assert.deepEqual(
      own[0]?.spec?.egress?.flatMap(({ ports }) => ports?.map(({ port }) => port)),
      [53, 53, 27017],
    )
    const { spec } = one(target, 'NetworkPolicy', 'mongodb')
    const peers = spec?.ingress?.flatMap(({ from }) => from ?? []) ?? []
    assert.ok(peers.some(({ podSelector }) => selects(podSelector?.matchLabels, labels)))
  })

  test(`${target}: the pod meets Pod Security restricted, has limits, and mounts what it has`, () => {
    const { pod, spec } = backupOf(target)
    assert.equal(pod.automountServiceAccountToken, false)
    assert.equal(pod.restartPolicy, 'Never')
    assert.equal(pod.securityContext?.runAsNonRoot, true)
    assert.equal(pod.securityContext?.seccompProfile?.type, 'RuntimeDefault')
    const [container] = pod.containers
    assert.equal(container?.securityContext?.readOnlyRootFilesystem, true)
    assert.deepEqual(container?.securityContext?.capabilities, { drop: ['ALL'] })
    assert.equal(container?.resources?.limits?.memory, '256Mi')
    assert.deepEqual(
      container?.volumeMounts?.map(({ name }) => name).sort(),
      pod.volumes?.map(({ name }) => name).sort(),
    )
    assert.ok(!container?.env?.some(({ valueFrom }) => valueFrom))
    assert.equal(spec.concurrencyPolicy, 'Forbid')
    assert.equal(spec.jobTemplate.spec?.backoffLimit, 0)
  })

  test(`${target}: the job has the application's image, settings and way to the database`, () => {
    for (const settings of [{}, { database: 'external' } as const]) {
      const { pod } = backupOf(target, settings)
      const deployment = objectsOf(target, settings).find(({ kind }) => kind === 'Deployment')
      const application = valueAt(deployment, 'spec', 'template', 'spec')
      const [container] = pod.containers
      assert.equal(container?.image, textAt(application, 'containers', 0, 'image'))
      assert.deepEqual(container?.envFrom, valueAt(application, 'containers', 0, 'envFrom'))
      assert.deepEqual(container?.env?.[0], valueAt(application, 'containers', 0, 'env', 0))
      const credentials = pod.volumes?.find(({ name }) => name === 'credentials')
      assert.deepEqual(credentials?.projected, valueAt(application, 'volumes', 0, 'projected'))
    }
  })

  test(`${target}: --backup none makes no object of it`, () => {
    const files = filesOf(target, { backup: 'none' })
    assert.ok(files.every(({ file }) => file !== 'backup.yaml'))
    assert.doesNotMatch(JSON.stringify(files), /CronJob|app-backups/)
  })
}

test('minikube: the volume is a folder of the node beside the database’s, with the same owner', () => {
  const volumes = objectsOf('minikube', { volumeNode: 'm02' }).filter(
    ({ kind }) => kind === 'PersistentVolume',
  )
  assert.deepEqual(
    volumes.map((volume) => textAt(volume, 'spec', 'hostPath', 'path')),
    ['/data/mongodb', '/data/backups'],
  )
  for (const volume of volumes) assert.match(JSON.stringify(volume), /"values":\["m02"\]/)
  const user = one('minikube', 'StatefulSet', 'mongodb').spec?.template.spec?.securityContext
  assert.deepEqual(backupOf('minikube').pod.securityContext, user)
})

test('cloud: the claim leaves the class to the cluster', () => {
  const claim = objectsOf('cloud').find(({ kind }) => kind === 'PersistentVolumeClaim')
  assert.equal(valueAt(claim, 'spec', 'storageClassName'), undefined)
})

test('another time is kept as it was said, spaces and all', (t) => {
  const out = temporaryFolder(t)
  assert.equal(run(['--out', out, '--backup-schedule', '0 4 * * 0']).status, 0)
  assert.match(readFileSync(join(out, 'backup.yaml'), 'utf8'), /schedule: "?0 4 \* \* 0"?\n/)
  assert.equal(readMadeWith(out)?.asked['backup-schedule'], '0 4 * * 0')
})
