// Every link of the documents leads somewhere. Those to other sites are listed, not followed.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { anchorsOf, documents, linksOf } from '../support/docs/markdown.ts'

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
