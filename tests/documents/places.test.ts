// Where a fault is, and that telling it costs no more than the fault itself.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BSON } from 'mongodb'
import { newObjectId } from '../../src/codec/document-id.ts'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { Refusal } from '../../src/codec/refusal.ts'

const parser = new DocumentParser()

async function problemOf(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => assert.fail('accepted'),
    (reason) => reason,
  )
  assert.ok(error instanceof Refusal)
  return error
}

const inBody = (text: string | Uint8Array) => problemOf(parser.parseBody(Buffer.from(text)))

async function inLine(text: string | Uint8Array): Promise<Refusal> {
  const options = { newId: newObjectId, isShown: true }
  const item = await parser.parseLine(Buffer.from(text), 7, options)
  assert.ok(item instanceof Refusal)
  return item
}

describe('the place of a fault', () => {
  it('is counted in characters, in long lines and after many of them', async () => {
    const size = 3 << 20
    const cases: [string, number, number][] = [
      [`${'\n'.repeat(size)}x`, size + 1, 1],
      [`{"a":"${'ä'.repeat(size)}"x`, 1, size + 8],
      [`{"a":"${'😀'.repeat(size)}"\n, x`, 2, 3],
      ['\ufeff{x', 1, 2],
    ]
    for (const [text, line, column] of cases) {
      const { code, details } = await inBody(text)
      assert.deepEqual([code, details], ['invalid_json', { line, column }])
    }
  })

  it('is a pointer of which 100 characters of a key are shown, and 1000 in all', async () => {
    const long = 'k'.repeat(1 << 20)
    const pointers: [string, string][] = [
      [`{"${long}":1e999}`, `/${'k'.repeat(100)}...`],
      [`{"a":{"${long}":{"b":1e999}}}`, `/a/${'k'.repeat(100)}...`],
      [`{"$${long}":1}`, `/$${'k'.repeat(99)}...`],
      [`{"${'~'.repeat(1 << 20)}":1e999}`, `/${'~0'.repeat(100)}...`],
      [`{"${'\\u0001'.repeat(1000)}":1e999}`, `/${'\u0001'.repeat(100)}...`],
      [`{"${'k'.repeat(100)}":1e999}`, `/${'k'.repeat(100)}`],
      [
        `${'{"0123456789":'.repeat(98)}1e999${'}'.repeat(98)}`,
        `${'/0123456789'.repeat(91).slice(0, 1000)}...`,
      ],
      [`{"a":[${'0,'.repeat(1e5)}1e999]}`, '/a/100000'],
    ]
    for (const [text, pointer] of pointers) {
      const { details, message } = await inBody(text)
      assert.equal(details.pointer, pointer)
      assert.ok(message.length < 1300)
    }
  })

  it('has a message that is short, whatever the client sent', async () => {
    const long = 'x'.repeat(1 << 20)
    const put = parser.parseDocument(Buffer.from('{"_id":"b"}'), long)
    const problems = [
      await problemOf(put),
      await inBody(`{"_id":"${long}"}`),
      await inBody(`{"n":${'9'.repeat(1 << 20)}}`),
      await inBody(`{"a":${long}`),
      await inBody(`{"a":1,"a":"${long}"}`),
    ]
    for (const { message } of problems) assert.ok(message.length < 300, message.slice(0, 400))
  })
})

describe('a text that is not UTF-8', () => {
  it('is refused with the line and column of its first wrong byte', async () => {
    const size = 2 << 20
    for (const before of ['', 'x', 'ä', 'x'.repeat(size), 'ä'.repeat(size), '😀'.repeat(size)]) {
      const text = Buffer.concat([
        Buffer.from(`{\n"a":"${before}`),
        Buffer.of(0xff),
        Buffer.from('"}'),
      ])
      const { code, details } = await inBody(text)
      const column = 6 + [...before].length
      assert.deepEqual([code, details], ['invalid_utf8', { line: 2, column }])
    }
    assert.deepEqual((await inLine(Buffer.of(0x7b, 0xc3, 0x28))).details, { line: 7, column: 2 })
  })

  it('is named as what it looks like, with what to send', async () => {
    const way = /Send UTF-8; in PowerShell, -ContentType "application\/json; charset=utf-8"\./
    const latin1 = await inBody(Buffer.from('{"name":"Bärbel"}', 'latin1'))
    assert.match(latin1.message, /byte 0xe4 is not, at line 1, column 11\. .*Latin-1.*PowerShell/)
    assert.match(latin1.message, way)
    const marked = await inBody(Buffer.from('\ufeff{"a":1}', 'utf16le'))
    assert.equal(marked.code, 'invalid_utf8')
    assert.match(marked.message, /UTF-16/)
    const unmarked = await inBody(Buffer.from('{"a":1}', 'utf16le'))
    assert.match(unmarked.message, /^Line 1, column 2: .* found U\+0000\. .*UTF-16/)
    assert.match(unmarked.message, way)
    assert.doesNotMatch((await inBody(Buffer.of(0x7b, 0xc3))).message, /Latin|UTF-16/)
  })
})

describe('one document after another', () => {
  it('are named if a line has two, with how to keep the newlines', async () => {
    for (const text of ['{"a":1}{"b":2}', '{"a":1} {"b":2}']) {
      const { code, message } = await inLine(text)
      assert.equal(code, 'invalid_json')
      assert.match(message, /A line has one document.*--data-binary/)
    }
    assert.match((await inBody('{"a":1}\n{"b":2}\n')).message, /application\/x-ndjson/)
    assert.doesNotMatch((await inLine('{"a":1}x')).message, /--data-binary/)
  })
})

describe('an _id of null', () => {
  it('counts as none: one is assigned, or the address decides', async () => {
    for (const text of ['{"_id":null,"a":1}', '{"a":1, "_id" : null }']) {
      const parsed = await parser.parseBody(Buffer.from(text))
      assert.ok(parsed.kind === 'one' && parsed.document.assigned)
      const { _id, ...rest } = BSON.deserialize(parsed.document.bson)
      assert.deepEqual([_id.toHexString(), rest], [parsed.document.id, { a: 1 }])
      const put = await parser.parseDocument(Buffer.from(text), 'here')
      assert.deepEqual(BSON.deserialize(put.bson), { _id: 'here', a: 1 })
    }
    assert.equal((await inBody('{"_id":null,"_id":null}')).code, 'duplicate_key')
    assert.equal((await inBody('{"_id":null,"_id":"x"}')).code, 'duplicate_key')
    assert.equal((await inBody('{"_id":nul}')).code, 'invalid_json')
  })
})
