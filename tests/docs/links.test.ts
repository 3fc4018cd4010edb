// The documents point to what exists: links, files, commands; and they name every command that a person starts.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { anchorsOf, documents, linksOf, read } from '../support/docs/markdown.ts'

const links = documents().flatMap((file) => linksOf(file).map((link) => ({ file, ...link })))
const isRemote = (target: string) => /^[a-z]+:/.test(target)

describe('the links of the documents', () => {
  it('lead to files and headings that exist', () => {
    const broken = links
      .filter(({ target }) => !isRemote(target))
      .filter(({ file, target }) => {
        const [path = '', anchor] = target.split('#')
        const to = path === '' ? file : join(dirname(file), path)
        if (!existsSync(to)) return true
        return anchor !== undefined && !anchorsOf(to).has(decodeURIComponent(anchor))
      })
      .map(({ file, line, target }) => `${file}:${line}: ${target}`)
    assert.deepEqual(broken, [])
  })

  it('to other sites are whole addresses', (t) => {
    const remote = links.filter(({ target }) => isRemote(target))
    for (const target of new Set(remote.map(({ target }) => target))) t.diagnostic(target)
    const wrong = remote.filter(
      ({ target }) => !/^https:\/\//.test(target) || !URL.canParse(target),
    )
    assert.deepEqual(wrong, [])
  })
})

describe('the documents', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const document of documents()) {
    const text = read(document)
    it(`name only files of the project that exist: ${document}`, () => {
      const paths = /`((?:src|tests|docs|manifests|deploy|bench|backup)\/[\w./-]+)`/g
      for (const [, path = ''] of text.matchAll(paths)) assert.ok(existsSync(path), path)
    })

    it(`name only npm commands that exist: ${document}`, () => {
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
