// The documents name only files and commands that there are, and every command that a person starts.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { documents, read } from '../support/docs/markdown.ts'

describe('the documents', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const document of documents()) {
    const text = read(document)
    it(`name no file of the project that there is not: ${document}`, () => {
      const paths = /`((?:src|tests|docs|manifests|deploy|bench|backup)\/[\w./-]+)`/g
      for (const [, path = ''] of text.matchAll(paths)) assert.ok(existsSync(path), path)
    })

    it(`name no command of npm that there is not: ${document}`, () => {
      for (const [, name = ''] of text.matchAll(/npm run (?:--silent )?([a-z]+(?::[a-z0-9]+)*)/g)) {
        assert.ok(Object.hasOwn(scripts, name), name)
      }
    })
  }

  it('name every script of package.json that a person starts', () => {
    const text = documents().map(read).join('\n')
    const isBefore = (name: string) => Object.hasOwn(scripts, name.replace(/^pre/, ''))
    for (const name of Object.keys(scripts)) {
      if (name.startsWith('pre') && isBefore(name)) continue
      const command = name === 'test' || name === 'start' ? `npm ${name}` : `npm run ${name}`
      assert.ok(text.includes(command), command)
    }
  })
})
