// The README and the other documents name what there is.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { settings } from '../src/config.ts'

describe('the README', () => {
  const readme = readFileSync('README.md', 'utf8')

  it('names every setting', () => {
    for (const name of Object.keys(settings)) assert.ok(readme.includes(`\`${name}\``), name)
  })

  it('names no command of npm that there is not', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
    for (const [, name = ''] of readme.matchAll(/npm run ([a-z:0-9]+)/g)) {
      assert.ok(Object.hasOwn(scripts, name), name)
    }
  })
})

describe('the documents', () => {
  for (const document of ['README.md', ...globSync('docs/*.md')]) {
    it(`name no file of the project that there is not: ${document}`, () => {
      const text = readFileSync(document, 'utf8')
      for (const [, path = ''] of text.matchAll(
        /`((?:src|test|docs|manifests|deploy)\/[\w./-]+)`/g,
      )) {
        assert.ok(existsSync(path), path)
      }
    })
  }
})
