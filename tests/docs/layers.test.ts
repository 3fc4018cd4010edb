// The layers of docs/architecture.md: each file says its job first, and uses only what its layer may know.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { filesUnder } from '../support/docs/markdown.ts'

/** The project's files that a module names, for its values and for its types. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const specifiers = /(?:\bfrom|^import|\bimport\() ?'(\.[^']+)'/gm
  return [...text.matchAll(specifiers)].map(([, to = '']) =>
    join(dirname(file), to).replaceAll('\\', '/'),
  )
}

const files = filesUnder('src')
const shared = ['fair-turns.ts', 'shown-text.ts']
const layers: Readonly<Record<string, readonly string[]>> = {
  http: ['http', ...shared],
  codec: ['codec', ...shared],
  query: ['query', 'codec', 'nearest-name.ts', ...shared],
  patch: ['patch', 'codec', ...shared],
  store: ['store', 'query', 'codec', ...shared],
  documents: ['documents', 'http', 'store', 'query', 'patch', 'codec', ...shared],
  backup: [
    'backup',
    'config.ts',
    'node-version.ts',
    'documents',
    'store',
    'query',
    'codec',
    ...shared,
  ],
  page: ['page', 'documents', 'http', 'store', 'query', 'patch', 'codec', ...shared],
}
const layerOf = (file: string) => file.split('/')[1] ?? ''

describe('the layers', () => {
  it('use only those that the document allows', () => {
    for (const file of files) {
      const known = layers[layerOf(file)]
      if (known === undefined) continue
      for (const used of importsOf(file)) {
        assert.ok(known.includes(layerOf(used)), `${file} uses ${used}`)
      }
    }
  })

  it('keep the driver in the store, and its codec of BSON in the store and the codec', () => {
    for (const file of files.filter((file) => layerOf(file) !== 'store')) {
      assert.doesNotMatch(readFileSync(file, 'utf8'), /['"]mongodb['"/]/, file)
      if (layerOf(file) === 'codec') continue
      assert.doesNotMatch(readFileSync(file, 'utf8'), /['"]bson['"/]/, file)
    }
  })
})

it('every file of the project says its one job in its first line', () => {
  const folders = ['src', 'manifests', 'deploy', 'backup', 'bench', 'tests']
  for (const file of folders.flatMap(filesUnder).filter((file) => /\.m?[jt]s$/.test(file))) {
    assert.ok(readFileSync(file, 'utf8').startsWith('// '), file)
  }
})
