// Patches of documents: the examples of both RFCs and more, in vectors.jsonl, and what JSON.parse would lose.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { BSON, Decimal128, Int32, Long, ObjectId } from 'mongodb'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { JsonWriter } from '../../src/codec/json-writer.ts'
import { Refusal } from '../../src/codec/refusal.ts'
import {
  jsonPatchType,
  mergePatchType,
  type PatchType,
  readPatch,
} from '../../src/patch/patch-document.ts'

const parser = new DocumentParser()
const vectors = readFileSync(join(import.meta.dirname, 'vectors.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')

function jsonOf(bson: Uint8Array): string {
  const writer = new JsonWriter()
  writer.document(bson)
  return writer.bytes.toString()
}

async function patched(type: PatchType, document: string, patch: string): Promise<string> {
  const { bson } = await parser.parseDocument(Buffer.from(document), 'x')
  const read = await readPatch(parser, type, Buffer.from(patch), () => {})
  return jsonOf(await read.apply(bson, 'x'))
}

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => assert.fail('accepted'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Refusal, String(error))
  return error
}

describe('a patch', () => {
  it(`does what the vectors say, all ${vectors.length}`, async () => {
    for (const line of vectors) {
      const { merge, patch = merge, document, result, code, pointer } = JSON.parse(line)
      const type = merge === undefined ? jsonPatchType : mergePatchType
      const run = patched(type, JSON.stringify(document), JSON.stringify(patch))
      if (code === undefined) {
        assert.deepEqual(JSON.parse(await run), { _id: 'x', ...result }, line)
        continue
      }
      const { code: found, details } = await refusal(run)
      assert.deepEqual([found, details.pointer], [code, pointer], line)
    }
  })

  it('keeps the order of members, and puts new ones last', async () => {
    const document = '{"b":1,"3":2,"a":3,"1":4}'
    const stays = '[{"op":"move","from":"/b","path":"/b"}]'
    assert.equal(
      await patched(jsonPatchType, document, stays),
      '{"_id":"x","b":1,"3":2,"a":3,"1":4}',
    )
    assert.equal(
      await patched(mergePatchType, document, '{"2":5,"3":{"z":1,"y":2},"0":6}'),
      '{"_id":"x","b":1,"3":{"z":1,"y":2},"a":3,"1":4,"2":5,"0":6}',
    )
    assert.equal(
      await patched(
        jsonPatchType,
        document,
        '[{"op":"replace","path":"/3","value":0},{"op":"add","path":"/2","value":5}]',
      ),
      '{"_id":"x","b":1,"3":0,"a":3,"1":4,"2":5}',
    )
  })

  it('keeps 64-bit integers, and compares them by value', async () => {
    const document = '{"n":9007199254740993,"d":5.0,"m":{"n":-9223372036854775808}}'
    assert.equal(
      await patched(mergePatchType, document, '{"m":{"k":9223372036854775807}}'),
      '{"_id":"x","n":9007199254740993,"d":5,"m":{"n":-9223372036854775808,"k":9223372036854775807}}',
    )
    const test = (path: string, value: string) =>
      patched(jsonPatchType, document, `[{"op":"test","path":"${path}","value":${value}}]`)
    await test('/n', '9007199254740993')
    await test('/d', '5')
    await test('/m', '{"n":-9223372036854775808.0}')
    assert.equal((await refusal(test('/n', '9007199254740992'))).code, 'patch_test_failed')
    assert.equal((await refusal(test('/n', '9007199254740992.0'))).code, 'patch_test_failed')
  })

  it('leaves what JSON lacks as it is', async () => {
    const id = new ObjectId('0123456789abcdef01234567')
    const other = {
      when: new Date(1e12),
      price: Decimal128.fromString('1.10'),
      long: Long.fromNumber(5),
      int: new Int32(5),
      list: [new Date(0), id],
    }
    const bson = BSON.serialize({ _id: id, ...other, a: 1 })
    const merge = await readPatch(
      parser,
      mergePatchType,
      Buffer.from('{"a":null,"list2":[1]}'),
      () => {},
    )
    assert.deepEqual(
      Buffer.from(await merge.apply(bson, id.toHexString())),
      Buffer.from(BSON.serialize({ _id: id, ...other, list2: [1] })),
    )
    const move = Buffer.from(
      '[{"op":"test","path":"/_id","value":"0123456789abcdef01234567"},{"op":"move","from":"/when","path":"/list/0"},{"op":"remove","path":"/a"}]',
    )
    const { when, ...rest } = other
    const patch = await readPatch(parser, jsonPatchType, move, () => {})
    assert.deepEqual(
      Buffer.from(await patch.apply(bson, id.toHexString())),
      Buffer.from(BSON.serialize({ _id: id, ...rest, list: [when, ...other.list] })),
    )
  })

  it('can be applied again after it was', async () => {
    const { bson } = await parser.parseDocument(Buffer.from('{"a":[]}'), 'x')
    const text = Buffer.from(
      '[{"op":"add","path":"/a/-","value":{"b":[]}},{"op":"add","path":"/a/0/b/-","value":1}]',
    )
    const patch = await readPatch(parser, jsonPatchType, text, () => {})
    const once = await patch.apply(bson, 'x')
    assert.equal(jsonOf(once), '{"_id":"x","a":[{"b":[1]}]}')
    assert.equal(jsonOf(await patch.apply(once, 'x')), '{"_id":"x","a":[{"b":[1,1]},{"b":[]}]}')
    assert.equal(jsonOf(await patch.apply(bson, 'x')), '{"_id":"x","a":[{"b":[1]}]}')
  })

  it('makes no document that could not come in whole', async () => {
    const deep = `${'['.repeat(99)}${']'.repeat(99)}`
    const inside = patched(
      jsonPatchType,
      `{"a":${deep}}`,
      '[{"op":"add","path":"/b","value":{}},{"op":"move","from":"/a","path":"/b/a"}]',
    )
    assert.equal((await refusal(inside)).code, 'too_deep')
    const copies = Array.from({ length: 40 }, (_, n) => `{"op":"copy","from":"/a","path":"/b${n}"}`)
    const large = `{"a":"${'x'.repeat(1 << 20)}"}`
    assert.equal(
      (await refusal(patched(jsonPatchType, large, `[${copies}]`))).code,
      'document_too_large',
    )
    const many = Array(1001).fill('{"op":"remove","path":"/a"}')
    assert.equal((await refusal(patched(jsonPatchType, '{}', `[${many}]`))).code, 'invalid_patch')
    const long = `[{"op":"add","path":"${'/a'.repeat(101)}","value":1}]`
    const { code, details } = await refusal(patched(jsonPatchType, '{}', long))
    assert.deepEqual([code, details.pointer], ['invalid_patch', '/0/path'])
  })

  it('counts what many small values take, as it counts a large one', async () => {
    const one = '{"a":1}'
    const { bson } = await parser.parseDocument(Buffer.from('{}'), 'x')
    let bytes = 0
    const members = Array.from({ length: 20_000 }, (_, n) => `"k${n}":${one}`)
    const read = await readPatch(parser, mergePatchType, Buffer.from(`{${members}}`), (more) => {
      bytes += more
    })
    const parsing = bytes
    await read.apply(bson, 'x')
    assert.ok(bytes - parsing > 20_000 * 500, `${bytes - parsing} bytes`)
  })

  it('is refused with its place if it is not JSON', async () => {
    const { code, details } = await refusal(patched(jsonPatchType, '{}', '[{"op":"add",\n x'))
    assert.deepEqual([code, details], ['invalid_json', { line: 2, column: 2 }])
    assert.equal((await refusal(patched(mergePatchType, '{}', '{} {}'))).code, 'invalid_json')
    assert.equal(
      (await refusal(patched(mergePatchType, '{}', '{"a":1,"a":2}'))).code,
      'duplicate_key',
    )
    assert.equal((await refusal(patched(mergePatchType, '{}', '5'))).code, 'invalid_patch')
  })
})
