// build/kustomize, as kubectl reads it: the same objects in the same order as the plain files.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { writeFiles } from '../../../manifests/write-files.ts'
import { combinations, filesOf } from '../../support/manifests/objects.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { skipWithout } from '../../support/tool.ts'

const run = promisify(execFile)

// kubectl's parser is one of YAML 1.1.
const objectsIn = (text: string): unknown[] => {
  const documents = parseAllDocuments(text, { version: '1.1' })
  assert.ok(Array.isArray(documents))
  return documents.map((document) => document.toJS())
}

describe('kubectl kustomize', {
  skip: skipWithout('kubectl', 'version', '--client'),
  concurrency: 3,
}, () => {
  for (const { target, settings } of combinations()) {
    test(`gives the plain objects in their order: ${target} ${JSON.stringify(settings)}`, async (t) => {
      const out = temporaryFolder(t)
      const files = filesOf(target, settings)
      writeFiles(out, files)
      const { stdout } = await run('kubectl', ['kustomize', join(out, 'kustomize')])
      const plain = files.map(({ file }) => readFileSync(join(out, file), 'utf8'))
      assert.deepEqual(objectsIn(stdout), plain.flatMap(objectsIn))
    })
  }
})
