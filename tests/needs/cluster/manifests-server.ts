// What the API server says to the files of both profiles.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeFiles } from '../../../manifests/write-files.ts'
import { toYaml } from '../../../manifests/yaml.ts'
import { combinations, filesOf } from '../../support/manifests/objects.ts'
import { traps } from '../../support/manifests/traps.ts'
import { eventually, kubectl, profile, run, tryKubectl } from './cluster.ts'
import { applyInOrder, applyOrder, out, writeManifests } from './manifests-system.ts'

/** The operator's resource definition, which the cloud profile needs: a file. */
const definition = process.env.MONGODB_CRD
/** A folder of all of them: MongoDB's, of the Prometheus operator, cert-manager and the Gateway API. */
const definitions = process.env.CRDS

export function serverAccepts(): void {
  test('a server-side dry run accepts the minikube profile, unknown fields refused', async () => {
    await kubectl('apply', '-f', join(out, 'dev-space.yaml'))
    for (const { path, namespace } of applyOrder(out)) {
      await kubectl('apply', '--dry-run=server', '--validate=strict', '-n', namespace, '-f', path)
    }
  })

  test('a server-side dry run accepts the cloud profile, with the operator’s definition', {
    skip: definition === undefined && 'MONGODB_CRD names no file',
  }, async () => {
    await kubectl('apply', '--server-side', '-f', definition ?? '')
    await kubectl('wait', '--for=condition=Established', '--timeout=30s', '-f', definition ?? '')
    const cloud = join(out, 'cloud')
    await writeManifests('--target', 'cloud', '--api-token', 'none', '--out', cloud)
    await kubectl('apply', '-f', join(cloud, 'dev-space.yaml'))
    for (const { path, namespace } of applyOrder(cloud)) {
      await kubectl('apply', '--dry-run=server', '--validate=strict', '-n', namespace, '-f', path)
    }
    await kubectl('delete', 'namespace', 'data-service', '--wait=false')
  })

  test('a server-side dry run accepts every combination of options, plain and by kustomize alike', {
    skip: definitions === undefined && 'CRDS names no folder of resource definitions',
  }, async (t) => {
    const crds = definitions ?? ''
    await kubectl('apply', '--server-side', '-f', crds)
    await kubectl('wait', '--for=condition=Established', '--timeout=30s', '-f', crds)
    // The one of the test before may be on its way out, and takes nothing then.
    await tryKubectl('wait', '--for=delete', 'namespace/data-service', '--timeout=90s')
    await kubectl('create', 'namespace', 'data-service')
    t.after(() => tryKubectl('delete', 'namespace', 'data-service', '--wait=false'))
    let folders = 0
    for (const { target, settings } of combinations()) {
      // It makes no other objects; half of the time is enough.
      if (settings.apiToken === 'none') continue
      const folder = join(out, `combination-${folders++}`)
      writeFiles(folder, filesOf(target, settings))
      const plain = applyOrder(folder).flatMap(({ path }) => ['-f', path])
      const dryRun = ['apply', '--dry-run=server', '--validate=strict']
      const said = await kubectl(...dryRun, ...plain)
      assert.equal(await kubectl(...dryRun, '-k', join(folder, 'kustomize')), said)
    }
  })

  test('the minikube profile applied in order becomes ready, under Pod Security restricted', async () => {
    const space = await kubectl('get', 'namespace', 'mongo', '-o', 'json')
    assert.match(space, /"pod-security.kubernetes.io\/enforce": "restricted"/)
    await applyInOrder()
    // Pod Security does refuse here: the same pod with root in it is turned away.
    const refused = await tryKubectl('run', '-n', 'mongo', 'root', '--image=busybox:1.36')
    assert.match(refused.stderr, /violates PodSecurity "restricted/)
  })

  test('the autoscaler sees its target and brings it to two pods', async () => {
    await eventually(60, async () => {
      const pods = await kubectl('get', 'deployment', 'app-deployment', '-n', 'mongo', '-o', 'json')
      assert.match(pods, /"readyReplicas": 2/)
    })
  })

  test('applying twice changes nothing: kubectl diff is empty', async () => {
    await applyInOrder()
    for (const { path, namespace } of applyOrder(out)) {
      const { status, stdout, stderr } = await tryKubectl('diff', '-n', namespace, '-f', path)
      assert.equal(`${status}${stdout}${stderr}`, '0', path)
    }
    // The same objects by kustomize; what it says about the order of the list does not matter.
    const { status, stdout } = await tryKubectl('diff', '-k', join(out, 'kustomize'))
    assert.equal(`${status}${stdout}`, '0')
  })

  test('kubectl reads strings that look like something else as the same strings', async () => {
    const data = Object.fromEntries(traps.map((trap, index) => [`key-${index}`, trap]))
    const metadata = { name: 'traps', namespace: 'default' }
    const written = toYaml([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }])
    const args = ['--context', profile, 'create', '--dry-run=server', '-o', 'json', '-f', '-']
    assert.deepEqual(JSON.parse(await run('kubectl', args, written)).data, data)
  })
}
