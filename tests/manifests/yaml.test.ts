// The files, read back with two parsers: one of YAML 1.1, as kubectl's is, and one of YAML 1.2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadAll } from 'js-yaml'
import { parse, parseAllDocuments } from 'yaml'
import { toYaml } from '../../manifests/yaml.ts'
import { filesOf, targets } from '../support/manifests/objects.ts'
import { traps } from '../support/manifests/traps.ts'

const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

test('strings that some YAML takes for something else come back as the same strings', () => {
  // As a key, "<<" is a merge to one of the parsers even in quotes; Kubernetes has no such key.
  const keys = traps.filter((key) => key !== '<<')
  const object = { list: traps, map: Object.fromEntries(keys.map((key) => [key, key])) }
  const text = toYaml([object])
  assert.deepEqual(parse(text, { version: '1.1' }), object)
  assert.deepEqual(parse(text, { version: '1.2' }), object)
  assert.deepEqual(loadAll(text), [object])
})

test('line breaks that only YAML 1.1 knows are escaped, also among others', () => {
  assert.equal(toYaml([['a\u0085b', 'a\n\u2028b']]), '- "a\\u0085b"\n- "a\\n\\u2028b"\n')
})

test('on, 0123 and 1e3 are quoted, since go-yaml alone takes 1e3 for a number', () => {
  assert.equal(toYaml([['on', '0123', '1e3']]), '- "on"\n- "0123"\n- "1e3"\n')
})

for (const target of targets) {
  for (const { file, objects } of filesOf(target)) {
    test(`${target}: ${file} reads back as the same objects with two parsers`, () => {
      const text = toYaml(objects)
      const documents = parseAllDocuments(text, { version: '1.1' })
      assert.deepEqual(
        documents.map((document) => document.toJS()),
        plain(objects),
      )
      assert.deepEqual(loadAll(text), plain(objects))
    })

    test(`${target}: ${file} has neither anchors nor folded lines`, () => {
      const text = toYaml(objects)
      assert.doesNotMatch(text, /(^|[ -])[&*][a-z]\w*/m)
      assert.doesNotMatch(text, /\\$/m)
    })
  }
}
