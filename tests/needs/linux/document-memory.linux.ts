// What a document takes while it is parsed, whatever is in it: manifests/memory.ts counts on it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DocumentParser } from '../../../src/codec/document-parser.ts'

test('no document takes more than the formula has for it, whatever is in it', async () => {
  const parser = new DocumentParser()
  for (const size of [1 << 20, 8 << 20, 32 << 20]) {
    const units = ['0,', '{},', '[],', '"",', 'true,', '1.5,', `"${'x'.repeat(1e5)}",`]
    const arrays = units.map((unit) => `{"a":[${unit.repeat(size / unit.length)}0]}`)
    const keys: string[] = []
    for (let n = 0, length = 0; length < size; n++) {
      const member = `"${n.toString(36)}":null`
      keys.push(member)
      length += member.length + 1
    }
    for (const text of [...arrays, `{${keys.join(',')}}`]) {
      let reserved = 0
      const reserve = (bytes: number) => {
        reserved += bytes
      }
      // Some are over 16 MiB as BSON, and refused in the end.
      await parser.parseBody(Buffer.from(text), { reserve }).catch(() => {})
      assert.ok(reserved <= 50 << 20, `${text.slice(0, 20)} of ${size}: ${reserved}`)
    }
  }
})
