// The limits within the memory limit, as the manifest says them and as Node understands them.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { bodiesLimit, bytes, heapOption } from '../../manifests/memory.ts'
import { readConfig } from '../../src/config.ts'
import { one } from './objects.ts'

const container = one('minikube', 'Deployment', 'app-deployment').spec?.template.spec?.containers[0]
const options = container?.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? ''
const limit = bytes(container?.resources?.limits?.memory ?? '')

test('the heap limit is derived from the memory limit of the container', () => {
  assert.equal(heapOption('1Gi'), '--max-old-space-size=256')
  assert.equal(heapOption('4Gi'), '--max-old-space-size=1024')
  assert.throws(() => heapOption('512MB'), /not a quantity/)
})

test("Node's heap, young generation included, leaves half of the container to buffers", () => {
  const script = 'console.log(require("node:v8").getHeapStatistics().heap_size_limit)'
  const heap = Number(
    execFileSync(process.execPath, ['-e', script], {
      env: { ...process.env, NODE_OPTIONS: options },
      encoding: 'utf8',
    }),
  )
  assert.ok(heap >= limit / 4, `${heap} of ${limit}`)
  assert.ok(heap < limit / 2, `${heap} of ${limit}`)
})

test('the bodies in memory at once are derived from the same limit, and one body always fits', () => {
  assert.equal(bodiesLimit('1Gi'), '64MiB')
  const value = container?.env?.find(({ name }) => name === 'MAX_BODIES')?.value
  const { config, faults } = readConfig({ MAX_BODIES: value })
  assert.equal(faults, undefined)
  // As chunks, in one piece and as BSON, beside a full heap: half is left for what nobody counts.
  assert.ok((config?.maxBodies ?? Number.NaN) * 3 + limit / 4 < limit / 2)
})
