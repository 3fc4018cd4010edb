// The minikube profile as a running system: its image, its files applied in order, its URL.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, kubectl, minikube, root, run, serviceUrl } from './cluster.ts'

/** An image that is there already, or the one that the Dockerfile gives. */
export const image = process.env.E2E_IMAGE ?? 'data-service:e2e'

/** More for `minikube start`, such as --cni=calico, which enforces network policies. */
const startOptions = (process.env.E2E_START ?? '').split(' ').filter((option) => option !== '')

export const out = mkdtempSync(join(tmpdir(), 'manifests-e2e-'))

export const writeManifests = (...options: string[]) =>
  run(process.execPath, ['manifests.ts', '--image', image, ...options])

/** A fresh cluster with the image and the volume's folder, as the scripts would make them. */
export async function startCluster(): Promise<void> {
  await minikube('delete')
  if (process.env.E2E_IMAGE === undefined) await run('docker', ['build', '-q', '-t', image, root])
  await minikube('start', '--driver=docker', '--addons=metrics-server', ...startOptions)
  await minikube('image', 'load', image)
  // `image load` exits 0 when it fails.
  assert.ok((await minikube('image', 'ls')).includes(image), `${image} is not in the cluster`)
  await makeVolumeFolder()
  await writeManifests('--out', out)
}

export const makeVolumeFolder = () =>
  minikube('ssh', '--', 'sudo install -d -o 999 -g 999 -m 0700 /data/mongodb')

/** FILE NAMESPACE WAIT of each line, in the order of application. */
export const applyOrder = (folder: string) =>
  readFileSync(join(folder, 'apply-order.txt'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [file = '', namespace = '', wait = ''] = line.split(' ')
      return { path: join(folder, file), file, namespace, wait }
    })

export async function applyInOrder(): Promise<void> {
  for (const { path, namespace, wait } of applyOrder(out)) {
    await kubectl('apply', '-n', namespace, '-f', path)
    if (wait !== '-') await ready(wait)
  }
}

export const ready = (workload: string) =>
  kubectl('rollout', 'status', '-n', 'mongo', workload, '--timeout=180s')

/** One request to the application through its node port, until it is answered with this status. */
export async function request(
  path: string,
  expected: number,
  options: RequestInit = {},
): Promise<string> {
  const url = await eventually(60, () => serviceUrl('mongo', 'app-service'))
  return eventually(90, async () => {
    const response = await fetch(`${url}${path}`, { ...options, signal: AbortSignal.timeout(5000) })
    const text = await response.text()
    assert.equal(response.status, expected, `${path}: ${text}`)
    return text
  })
}

/** Stores one document; the answer is its path. */
export async function store(document: object): Promise<string> {
  const text = await request('/data', 201, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(document),
  })
  const answer: unknown = JSON.parse(text)
  assert.ok(typeof answer === 'object' && answer !== null && '_id' in answer)
  return `/data/${answer._id}`
}
