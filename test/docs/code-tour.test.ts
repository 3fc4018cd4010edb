// The code tour of docs/architecture.md: every file once, and none before what it uses.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { read } from './markdown.ts'

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
    const args = ['ls-files', '--cached', '--others', '--exclude-standard', 'src']
    const files = execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean)
    assert.deepEqual([...tour].sort(), files.sort())
  })

  it('names no file before those that it uses', () => {
    const early = tour.flatMap((file, index) =>
      importsOf(file)
        .filter((used) => (place.get(used) ?? Number.POSITIVE_INFINITY) > index)
        .map((used) => `${file} uses ${used}: put it behind`),
    )
    assert.deepEqual(early, [])
  })
})
