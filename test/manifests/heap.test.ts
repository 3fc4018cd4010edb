// The heap limit, as the manifest says it and as Node understands it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { bytes, heapOption } from '../../manifests/heap.ts'
import { one } from './objects.ts'

const container = one('minikube', 'Deployment', 'app-deployment').spec?.template.spec?.containers[0]
const options = container?.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? ''
const limit = bytes(container?.resources?.limits?.memory ?? '')

test('the heap limit is derived from the memory limit of the container', () => {
  assert.equal(heapOption('512Mi'), '--max-old-space-size=256')
  assert.equal(heapOption('1Gi'), '--max-old-space-size=512')
  assert.throws(() => heapOption('512MB'), /not a quantity/)
})

test("Node's heap, young generation included, leaves a quarter of the container to buffers", () => {
  const script = 'console.log(require("node:v8").getHeapStatistics().heap_size_limit)'
  const heap = Number(
    execFileSync(process.execPath, ['-e', script], {
      env: { ...process.env, NODE_OPTIONS: options },
      encoding: 'utf8',
    }),
  )
  assert.ok(heap > limit / 4, `${heap} of ${limit}`)
  assert.ok(heap < (limit * 3) / 4, `${heap} of ${limit}`)
})
