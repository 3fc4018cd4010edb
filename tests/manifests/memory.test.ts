// The limits within the memory limit, as the manifest says them and as Node understands them.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  bodiesForDocument,
  bodiesLimit,
  heapOption,
  memoryForBodies,
  parseQuantity,
} from '../../manifests/memory.ts'
import { readConfig } from '../../src/config.ts'
import { one } from '../support/manifests/objects.ts'

const container = one('minikube', 'Deployment', 'app-deployment').spec?.template.spec?.containers[0]
const options = container?.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? ''
const limit = parseQuantity(container?.resources?.limits?.memory ?? '')

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

test('the memory for a larger MAX_BODY is what docs/operations.md says, and the manifest has it', () => {
  const text = readFileSync('docs/operations.md', 'utf8')
  const rows = [...text.matchAll(/^\| `(\d+)MiB` \| `(\d+)MiB` \| (\d+) MiB \|$/gm)]
  assert.ok(rows.length >= 3)
  for (const [, maxBody, maxBodies, memory] of rows) {
    assert.equal(bodiesForDocument(Number(maxBody)), Number(maxBodies))
    assert.equal(memoryForBodies(Number(maxBodies)), Number(memory))
  }
  const { config } = readConfig({})
  const needed = bodiesForDocument((config?.maxBody ?? Number.NaN) >> 20) * 2 ** 20
  assert.ok(needed <= parseQuantity(bodiesLimit('1Gi').replace('MiB', 'Mi')))
})
