// The limits within the memory limit, as the manifest says them and as Node understands them.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  bodiesForDocument,
  bodiesLimit,
  bytes,
  heapOption,
  memoryForBodies,
} from '../../manifests/memory.ts'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { readConfig } from '../../src/config.ts'
import { one } from '../support/manifests/objects.ts'

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
  assert.ok(needed <= bytes(bodiesLimit('1Gi').replace('MiB', 'Mi')))
})

test('no document takes more than the formula has for it, whatever is in it', async () => {
  const parser = new DocumentParser()
  for (const size of [1 << 20, 8 << 20, 32 << 20]) {
    const units = ['0,', '{},', '[],', '"",', 'true,', '1.5,', `"${'x'.repeat(1e5)}",`]
    const arrays = units.map((unit) => `{"a":[${unit.repeat(size / unit.length)}0]}`)
    const keys: string[] = []
    for (let n = 0, length = 0; length < size; n++) {
      const member = `"${n.toString(36)}":null`
      keys.push(member)
      length += member.length + 1
    }
    for (const text of [...arrays, `{${keys.join(',')}}`]) {
      let reserved = 0
      const reserve = (bytes: number) => {
        reserved += bytes
      }
      // Some are over 16 MiB as BSON, and refused in the end.
      await parser.parseBody(Buffer.from(text), { reserve }).catch(() => {})
      assert.ok(reserved <= 50 << 20, `${text.slice(0, 20)} of ${size}: ${reserved}`)
    }
  }
})
