// build/kustomize: every file in order, with the bytes of the plain ones.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { writeFiles } from '../../manifests/write-files.ts'
import { temporaryFolder } from '../support/manifests/command.ts'
import { combinations, filesOf } from '../support/manifests/objects.ts'

test('nothing in the files means anything to Helm, so that they can be the templates of a chart', () => {
  for (const { target, settings } of combinations()) {
    assert.doesNotMatch(JSON.stringify(filesOf(target, settings)), /\{\{/)
  }
})

for (const { target, settings } of combinations()) {
  test(`${target} ${JSON.stringify(settings)}: kustomize lists every file in order, with the same bytes`, (t) => {
    const out = temporaryFolder(t)
    const files = filesOf(target, settings)
    writeFiles(out, files)
    const read = (file: string) => readFileSync(join(out, 'kustomize', file), 'utf8')
    const { resources, sortOptions, ...others } = parse(read('kustomization.yaml'))
    assert.deepEqual(
      resources,
      files.map(({ file }) => file),
    )
    assert.deepEqual(sortOptions, { order: 'fifo' })
    assert.deepEqual(Object.keys(others), ['apiVersion', 'kind'])
    for (const { file } of files) assert.equal(read(file), readFileSync(join(out, file), 'utf8'))
  })
}
