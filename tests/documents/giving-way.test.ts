// Parsing a long text leaves turns of the event loop to everything else, whatever is in it.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { Refusal } from '../../src/codec/refusal.ts'
import { syntaxRefusal } from '../../src/codec/syntax-refusal.ts'
import { linesOf } from '../../src/documents/ndjson.ts'

const size = 1 << 20
const parser = new DocumentParser()

const filled = (before: string, unit: string, after: string) =>
  Buffer.from(before + unit.repeat(Math.floor(size / unit.length)) + after)
const keys = (count: number) =>
  Array.from({ length: count }, (_, n) => `"${n.toString(36)}":0`).join(',')
const key = 'k'.repeat(size / 40)

const texts: Record<string, Buffer> = {
  'many numbers': filled('{"a":[', '0,', '0]}'),
  'numbers of 18 digits': filled('[{"a":[', '0.500000000000000001,', '0]}]'),
  'one string': filled('{"a":"', 'ä', '"}'),
  escapes: filled('{"a":"', '\\u00e4', '"}'),
  'white space': filled('{"a":', ' \n', '1}'),
  'white space after the document': filled('{"a":1}', ' \n', 'x'),
  'one number': filled('{"a":', '9', '}'),
  'zeros after the point': filled('{"a":0.5', '0', '}'),
  'an exponent': filled('{"a":1e', '0', '5}'),
  'deep arrays': filled('{"a":', '[', ''),
  'small objects': filled('{"a":[', '{"b":null},', '0]}'),
  'many keys': Buffer.from(`{${keys(140_000)}}`),
  'long keys': Buffer.from(`{${Array.from({ length: 40 }, (_, n) => `"${key}${n}":0`).join(',')}}`),
  'an array of documents': filled('[', '{"a":1,"b":2,"c":3},', '{}]'),
  'an array of other things': filled('[', '"abcdefghijklmnopq",', '1]'),
  'documents that cannot be kept': filled('[', '{"a":1e999,"b":2},', '{}]'),
}

/** How many turns the event loop has until the work is done. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  let turns = 0
  let done = false
  const ended = work.then(
    () => {},
    (error) => assert.ok(error instanceof Refusal),
  )
  const count = () => {
    turns++
    if (!done) setImmediate(count)
  }
  setImmediate(count)
  await ended
  done = true
  return turns
}

describe('a text of 1 MiB', () => {
  for (const [name, text] of Object.entries(texts)) {
    it(`gives way each 32 KiB: ${name}`, async () => {
      assert.ok((await turnsOf(parser.parseBody(text))) >= text.length / (32 * 1024) - 2)
    })
  }

  it('gives way while what is wrong with 8 MiB is looked for', async () => {
    for (const text of ['{"a":"', '{"a":[', `{"a":1,${' '.repeat(100)}`]) {
      const unit = text.endsWith('[') ? '0,' : text.endsWith('"') ? '\\\\ä' : ' '
      const long = Buffer.from(text + unit.repeat((8 << 20) / Buffer.byteLength(unit)))
      const turns = await turnsOf(syntaxRefusal(long, long.length, 1))
      assert.ok(turns >= long.length / (64 * 1024) - 2, `${turns}`)
    }
  })

  it('lets a short one pass, and neither has anything of the other', async () => {
    const order: string[] = []
    const long = parser.parseBody(filled('{"_id":"long","a":[', '"x",', '0]}')).then((parsed) => {
      order.push('long')
      assert.ok(parsed.kind === 'one' && parsed.document.id === 'long')
    })
    for (const name of ['a', 'b', 'c']) {
      const { id, bson } = await parser.parseDocument(Buffer.from('{"n":1}'), name)
      assert.deepEqual([id, bson.length], [name, 4 + 11 + 7 + 1])
      order.push(name)
    }
    await long
    assert.deepEqual(order, ['a', 'b', 'c', 'long'])
  })

  it('is read while others are, each as if it were alone', async () => {
    const parse = async (n: number) => {
      const parsed = await parser.parseBody(Buffer.from(`{"_id":"${n}",${keys(20_000 + n)}}`))
      assert.ok(parsed.kind === 'one')
      return [parsed.document.id, parsed.document.bson.length]
    }
    const alone = []
    for (let n = 0; n < 5; n++) alone.push(await parse(n))
    assert.deepEqual(await Promise.all([0, 1, 2, 3, 4].map(parse)), alone)
  })

  it('gives way between short lines, blank ones too', async () => {
    for (const unit of ['x\n', '\n', '\r\n', ' \n', '{}\n']) {
      const text = filled('', unit, '').subarray(0, size / 4)
      const read = async () => {
        for await (const _ of linesOf(chunksOf(text, 1 << 16), size, () => {}));
      }
      assert.ok((await turnsOf(read())) >= 25, JSON.stringify(unit))
    }
  })
})

async function* chunksOf(text: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < text.length; from += length) yield text.subarray(from, from + length)
}

describe('lines out of chunks', () => {
  it('are the same however small the chunks are', async () => {
    const text = Buffer.from('{"a":1}\r\n\n  \n{"ä":"😀"}\n{"b":2}')
    for (const length of [1, 2, 3, 7, 100]) {
      const lines: [number, string][] = []
      for await (const { number, bytes } of linesOf(chunksOf(text, length), 100, () => {})) {
        lines.push([number, Buffer.from(bytes).toString().trim()])
      }
      assert.deepEqual(lines, [
        [1, '{"a":1}'],
        [4, '{"ä":"😀"}'],
        [5, '{"b":2}'],
      ])
    }
  })

  it('hold one buffer for a line of one-byte chunks, and say what it takes', async () => {
    const text = Buffer.alloc(100_000, 'x')
    let most = 0
    const onHeld = (bytes: number) => {
      most = Math.max(most, bytes)
    }
    for await (const { bytes } of linesOf(chunksOf(text, 1), size, onHeld)) {
      assert.equal(bytes.length, text.length)
    }
    assert.ok(most >= text.length && most <= 2 * text.length, `${most}`)
  })
})
