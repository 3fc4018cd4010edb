// build/kustomize, as kubectl reads it: the same objects in the same order as the plain files.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { type ManifestFile, writeFiles } from '../../manifests/write-files.ts'
import { temporaryFolder } from '../support/manifests/command.ts'
import { combinations, filesOf } from '../support/manifests/objects.ts'
import { missing } from '../support/tool.ts'

// Not in npm test of CI, which runs on three systems: a job of its own has kubectl.
const noKubectl = missing('kubectl', 'version', '--client')

// kubectl's parser is one of YAML 1.1.
const objectsIn = (text: string): unknown[] => {
  const documents = parseAllDocuments(text, { version: '1.1' })
  assert.ok(Array.isArray(documents))
  return documents.map((document) => document.toJS())
}

const plainObjects = (out: string, files: readonly ManifestFile[]) =>
  files.flatMap(({ file }) => objectsIn(readFileSync(join(out, file), 'utf8')))

test('nothing in the files means anything to Helm, so that they can be the templates of a chart', () => {
  for (const { target, settings } of combinations()) {
    assert.doesNotMatch(JSON.stringify(filesOf(target, settings)), /\{\{/)
  }
})

for (const { target, settings } of combinations()) {
  const name = `${target} ${JSON.stringify(settings)}`

  test(`${name}: kustomize lists every file in order, with the same bytes`, (t) => {
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

  test(`${name}: kubectl kustomize gives the plain objects in their order`, {
    skip: noKubectl,
  }, (t) => {
    const out = temporaryFolder(t)
    const files = filesOf(target, settings)
    writeFiles(out, files)
    const built = spawnSync('kubectl', ['kustomize', join(out, 'kustomize')], { encoding: 'utf8' })
    assert.equal(built.status, 0, built.stderr)
    assert.deepEqual(objectsIn(built.stdout), plainObjects(out, files))
  })
}
