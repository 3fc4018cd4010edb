// The documents name only files and commands that there are.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('{docs,bench}/*.md')]

describe('the documents', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const document of documents) {
    const text = readFileSync(document, 'utf8')
    it(`name no file of the project that there is not: ${document}`, () => {
      const paths = /`((?:src|test|docs|manifests|deploy|bench|backup)\/[\w./-]+)`/g
      for (const [, path = ''] of text.matchAll(paths)) assert.ok(existsSync(path), path)
    })

    it(`name no command of npm that there is not: ${document}`, () => {
      for (const [, name = ''] of text.matchAll(/npm run ([a-z]+(?::[a-z0-9]+)*)/g)) {
        assert.ok(Object.hasOwn(scripts, name), name)
      }
    })
  }
})
