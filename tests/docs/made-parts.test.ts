// What the documents show of the code is as the code is now: tables that are made from it, and YAML.
import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { withParts } from '../../docs/make/generated-parts.ts'
import { type Option, options } from '../../manifests/option-table.ts'
import { toYaml } from '../../manifests/yaml.ts'
import { problems } from '../../src/http/problem.ts'
import { settings } from '../../src/settings.ts'
import { blocksOf, read } from '../support/docs/markdown.ts'
import { filesOf } from '../support/manifests/objects.ts'
import { runToEnd } from '../support/service-process.ts'

const operations = read('docs/operations.md')

describe('the made parts of the documents', () => {
  it('are up to date', async () => {
    // biome-ignore format: by kind, some in a line
    const { code, stderr } = await runToEnd({}, [
      process.execPath,
      'docs/make/main.ts', '--check',
    ])
    assert.equal(code, 0, stderr)
  })

  it('have a row for each setting and each problem code', () => {
    for (const name of [...Object.keys(settings), ...Object.keys(problems)]) {
      assert.ok(operations.includes(`\n| \`${name}\` |`), name)
    }
  })

  it('have a row for each option of manifests.ts, with its default and what it costs', () => {
    for (const [name, option] of Object.entries<Option<unknown>>(options)) {
      const { default: value, parse, value: taken } = option
      // A path is what the document itself has; an address of the web has to be given.
      if (value !== undefined && taken !== '' && name !== 'runbook-url') {
        assert.deepEqual(parse(String(value)), value, name)
      }
      const [row] = new RegExp(`^\\| \`--${name}[ \`].*$`, 'm').exec(operations) ?? []
      assert.ok(row, name)
      assert.match(row, /[^|] \|$/, 'what it costs')
    }
  })

  it('need a place, and a place needs its part', () => {
    const document = 'a\n<!-- made by npm run docs: x -->\nold\n<!-- end of x -->\nb\n'
    assert.match(withParts(document, { x: 'new' }), /-->\n\nnew\n\n<!-- end/)
    assert.throws(() => withParts(document, {}), /nothing makes the part "x"/)
    assert.throws(() => withParts('', { x: 'new' }), /no place for the part "x"/)
  })
})

describe('the alerts', () => {
  const expressions = blocksOf('docs/operations.md').filter(({ language }) => language === 'promql')
  const known = new Set([
    'up',
    ...[...operations.matchAll(/^\| `([a-z_]+)` \| (?:counter|gauge|histogram) \|/gm)].map(
      ([, name = '']) => name,
    ),
  ])

  it('use metrics that exist', () => {
    assert.ok(expressions.length > 5 && known.size > 5)
    for (const { text, line } of expressions) {
      for (const [, name = ''] of text.matchAll(/\b([a-z]+(?:_[a-z]+)+|up)\b(?=[{[]| >| ==)/g)) {
        if (!/^(?:histogram_quantile|min_over_time)$/.test(name)) {
          const family = name.replace(/_(?:bucket|sum|count)$/, '')
          assert.ok(known.has(name) || known.has(family), `line ${line}: ${name}`)
        }
      }
    }
  })
})

// It is made of the password, which is another one in each folder.
const masked = (text: string) => text.replace(/(?<=\/credentials: ).*/, '(checksum)')

test('the parts of build/app.yaml, one after the other, are the whole file', () => {
  const parts = blocksOf('docs/kubernetes.md').filter(
    ({ mark }) => mark === 'part of: build/app.yaml',
  )
  const file = filesOf('minikube').find(({ file }) => file === 'app.yaml')
  assert.ok(file && parts.length > 5)
  const shown = parts.map(({ text }) => `${text}\n`).join('')
  assert.equal(masked(shown), masked(toYaml(file.objects)))
})
