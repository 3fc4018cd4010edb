// The code tour of docs/architecture.md: every file once, and none before what it uses.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { filesUnder, read } from '../support/docs/markdown.ts'

const chapter = read('docs/architecture.md').split('\n## Code tour\n')[1] ?? ''
const tour = [...chapter.matchAll(/\]\(\.\.\/(src\/[^)]+)\)/g)].map(([, file = '']) => file)
const place = new Map(tour.map((file, index) => [file, index]))

/** The project's files that a module names, for its values and for its types. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const specifiers = /(?:\bfrom|^import|\bimport\() ?'(\.[^']+)'/gm
  return [...text.matchAll(specifiers)].map(([, to = '']) =>
    join(dirname(file), to).replaceAll('\\', '/'),
  )
}

describe('the code tour', () => {
  it('has every file of src/ exactly once', () => {
    assert.deepEqual([...tour].sort(), filesUnder('src'))
  })

  it('names no file before those that it uses', () => {
    const early = tour.flatMap((file, index) =>
      importsOf(file)
        .filter((used) => (place.get(used) ?? Number.POSITIVE_INFINITY) > index)
        .map((used) => `${file} uses ${used}: put it after that`),
    )
    assert.deepEqual(early, [])
  })
})

const shared = ['fair-turns.ts', 'quoted.ts']
const layers: Readonly<Record<string, readonly string[]>> = {
  http: ['http', ...shared],
  codec: ['codec', ...shared],
  query: ['query', 'codec', 'nearest-name.ts', ...shared],
  patch: ['patch', 'codec', ...shared],
  store: ['store', 'query', 'codec', ...shared],
  documents: ['documents', 'http', 'store', 'query', 'patch', 'codec', ...shared],
  page: ['page', 'documents', 'http', 'store', 'query', 'patch', 'codec', ...shared],
}
const layerOf = (file: string) => file.split('/')[1] ?? ''

describe('the layers', () => {
  it('know only those that the document says', () => {
    for (const file of tour) {
      const known = layers[layerOf(file)]
      if (known === undefined) continue
      for (const used of importsOf(file)) {
        assert.ok(known.includes(layerOf(used)), `${file} uses ${used}`)
      }
    }
  })

  it('keep the driver in the store, and its codec of BSON in the store and the codec', () => {
    for (const file of tour.filter((file) => layerOf(file) !== 'store')) {
      assert.doesNotMatch(readFileSync(file, 'utf8'), /['"]mongodb['"/]/, file)
      if (layerOf(file) === 'codec') continue
      assert.doesNotMatch(readFileSync(file, 'utf8'), /['"]bson['"/]/, file)
    }
  })
})
