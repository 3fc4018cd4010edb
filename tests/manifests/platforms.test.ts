// The processors that the pods may run on: what the image takes to be built for each of them.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { platforms } from '../../manifests/names.ts'

const stages = readFileSync('Dockerfile', 'utf8')
  .split(/^(?=FROM )/m)
  .slice(1)

test('a stage that runs something runs it on the processor that builds, and the last one runs nothing', () => {
  assert.ok(stages.length > 1)
  for (const stage of stages) {
    const runs = /^RUN /m.test(stage)
    assert.equal(runs, /^FROM --platform=\$\{BUILDPLATFORM:-linux\} /.test(stage), stage)
  }
  assert.doesNotMatch(stages.at(-1) ?? '', /^RUN /m)
})

test('nothing in the image is native, so that it is the same for each processor', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  for (const [path, entry] of Object.entries<Record<string, unknown>>(packages)) {
    if (path === '' || entry.dev === true || entry.optional === true) continue
    assert.equal(entry.hasInstallScript, undefined, path)
    assert.equal(entry.cpu, undefined, path)
    const files = existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : []
    assert.deepEqual(
      files.filter((file) => file.endsWith('.node')).map((file) => join(path, file)),
      [],
    )
  }
})

test('the documents push for the processors that the manifests name', () => {
  const list = platforms.join(',')
  assert.ok(readFileSync('docs/cloud.md', 'utf8').includes(`--platform ${list}`))
})
