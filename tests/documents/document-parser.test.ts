// What the parser takes and what it refuses, with the place of the fault.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BSON } from 'mongodb'
import { isObjectId, newObjectId } from '../../src/codec/document-id.ts'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import { isDocument, type ParsedItem } from '../../src/codec/parsed-item.ts'
import { Refusal, type RefusalCode } from '../../src/codec/refusal.ts'

const parser = new DocumentParser()

async function one(text: string | Uint8Array) {
  const parsed = await parser.parseBody(Buffer.from(text))
  assert.ok(parsed.kind === 'one')
  return parsed.document
}

async function refused(
  text: string | Uint8Array,
  code: RefusalCode,
  details: object,
): Promise<Refusal> {
  let problem: unknown
  try {
    await parser.parseBody(Buffer.from(text))
  } catch (error) {
    problem = error
  }
  assert.ok(problem instanceof Refusal, `accepted: ${text}`)
  assert.equal(problem.code, code, problem.message)
  for (const [name, value] of Object.entries(details)) {
    assert.deepEqual(problem.details[name], value, `${name}: ${problem.message}`)
  }
  return problem
}

async function items(text: string): Promise<readonly ParsedItem[]> {
  const parsed = await parser.parseBody(Buffer.from(text))
  assert.ok(parsed.kind === 'many')
  return parsed.items
}

/** Of each item what it is: its _id, or the code and pointer of its fault. */
const results = async (text: string) =>
  (await items(text)).map((item) =>
    isDocument(item) ? item.id : item instanceof Refusal ? faultOf(item) : item,
  )

const faultOf = ({ code, details }: Refusal) => `${code} at ${JSON.stringify(details.pointer)}`

const nested = (levels: number, open: string, close: string) =>
  `${open.repeat(levels)}1${close.repeat(levels)}`

describe('the parser', () => {
  it('writes BSON that the driver reads as the same document', async () => {
    const value = {
      int: 1,
      negative: -2147483648,
      double: 1.5,
      text: 'a"b\\c\u0000\u{1F600}ä',
      yes: true,
      no: false,
      nothing: null,
      list: [1, 'x', [], {}, [[2]]],
      object: { a: { b: {} } },
      '': 'empty key',
    }
    const { id, bson } = await one(JSON.stringify(value))
    const { _id, ...rest } = BSON.deserialize(bson)
    assert.deepEqual(rest, value)
    assert.equal(_id.toString(), id)
    assert.ok(isObjectId(id))
  })

  it('keeps the order of keys that JavaScript would sort', async () => {
    const keys = [...BSON.onDemand.parseToElements((await one('{"b":1,"3":1,"1":1,"a":1}')).bson)]
    assert.equal(keys.length, 5)
    assert.match((await one('{"b":1,"3":1,"1":1}')).bson.toString(), /b.*3.*1/s)
  })

  it('chooses the BSON type that keeps a number', async () => {
    const types: [string, string][] = [
      ['0', 'Int32'],
      ['2147483647', 'Int32'],
      ['2147483648', 'Long'],
      ['-2147483649', 'Long'],
      ['9007199254740993', 'Long'],
      ['9223372036854775807', 'Long'],
      ['-9223372036854775808', 'Long'],
      ['-0', 'Double'],
      ['1.0', 'Double'],
      ['1e3', 'Double'],
      ['1e22', 'Double'],
      ['100000000000000000000000000', 'Double'],
      ['5e-324', 'Double'],
      ['1.7976931348623157E+308', 'Double'],
    ]
    for (const [text, type] of types) {
      const { n } = BSON.deserialize((await one(`{"n":${text}}`)).bson, { promoteValues: false })
      assert.equal(n._bsontype, type, text)
      assert.equal(Number(n.valueOf()), Number(text), text)
    }
  })

  it('refuses a number that neither a double nor 64 bits can hold', async () => {
    for (const text of [
      '1e400',
      '-1e400',
      '1e-400',
      '12345678901234567890',
      '-9223372036854775809',
      '0.1234567890123456789',
      '3.141592653589793238',
      '4e-324',
      '123456789012345678.5',
    ]) {
      await refused(`{"a":[0,{"b":${text}}]}`, 'number_not_exact', { pointer: '/a/1/b' })
    }
  })

  it('shortens a number of a million digits in its message', async () => {
    const problem = await refused(`{"n":${'9'.repeat(1e6)}}`, 'number_not_exact', { pointer: '/n' })
    assert.ok(problem.message.length < 200)
  })

  it('reads every escape of JSON', async () => {
    const text = '{"t":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\\ud83d\\ude00\\uFFFF"}'
    assert.equal(BSON.deserialize((await one(text)).bson).t, JSON.parse(text).t)
  })

  it('refuses half of a surrogate pair, in values and in keys', async () => {
    for (const half of ['\\ud83d', '\\ude00', '\\ud83dx', '\\ud83d\\u0041', '\\ude00\\ud83d']) {
      await refused(`{"a":["${half}"]}`, 'lone_surrogate', { pointer: '/a/0' })
    }
    await refused('{"\\ud83d":1}', 'lone_surrogate', {})
  })

  it('refuses keys that MongoDB cannot keep, and says where', async () => {
    await refused('{"a":{"$where":1}}', 'key_not_allowed', { pointer: '/a/$where' })
    await refused('{"a":[{"x\\u0000y":1}]}', 'key_not_allowed', { pointer: '/a/0/x\u0000y' })
    await one('{"a$":1,"a.b":{"c.d":2}}')
  })

  it('takes __proto__ and constructor as keys like any other', async () => {
    const { bson } = await one('{"__proto__":{"polluted":1},"constructor":{"prototype":2}}')
    assert.equal(Reflect.get({}, 'polluted'), undefined)
    assert.match(bson.toString(), /__proto__.*polluted.*constructor/s)
  })

  it('refuses a key that comes twice, in small objects and large ones', async () => {
    await refused('{"a":1,"b":{"c":1,"d":2,"c":3}}', 'duplicate_key', { pointer: '/b/c' })
    await refused('{"a":1,"\\u0061":2}', 'duplicate_key', { pointer: '/a' })
    await refused('{"_id":"x","_id":"y"}', 'duplicate_key', { pointer: '/_id' })
    const many = Array.from({ length: 100 }, (_, n) => `"k${n}":${n}`).join(',')
    await one(`{${many}}`)
    await refused(`{${many},"k99":0}`, 'duplicate_key', { pointer: '/k99' })
    await refused(`{${many},"k3":0}`, 'duplicate_key', { pointer: '/k3' })
    await one(`{"a":{"x":1},"b":{"x":1},"x":1}`)
  })

  it('escapes keys in pointers as RFC 6901 asks', async () => {
    await refused('{"a/b":{"c~d":1e999}}', 'number_not_exact', { pointer: '/a~1b/c~0d' })
  })

  it('takes 100 levels and refuses 101, alone and in an array', async () => {
    const inside = nested(99, '[', ']')
    await one(`{"a":${inside}}`)
    assert.ok((await items(`[{"a":${inside}}]`)).every(isDocument))
    await refused(`{"a":${nested(100, '[', ']')}}`, 'too_deep', {})
    assert.deepEqual(await results(`[{"a":${nested(100, '[', ']')}},{"_id":"x"}]`), [
      `too_deep at "/a${'/0'.repeat(99)}"`,
      'x',
    ])
    await refused(nested(101, '{"a":', '}'), 'too_deep', {})
    await one(nested(100, '{"a":', '}'))
  })

  it('survives a million opening brackets', async () => {
    await refused('['.repeat(1e6), 'invalid_json', { line: 1, column: 1e6 + 1 })
    await refused(`{"a":${'['.repeat(1e6)}`, 'invalid_json', { line: 1, column: 1e6 + 6 })
    await refused(nested(1e6, '{"a":', '}'), 'too_deep', { pointer: '/a'.repeat(100) })
    assert.deepEqual(await results(nested(1e6, '[', ']')), ['not_an_object at ""'])
  })

  it('refuses a document over 16 MiB of BSON', async () => {
    const room = 16 * 1024 * 1024 - 4 - 17 - 1 - 2 - 4 - 1 - 1
    await one(`{"a":"${'x'.repeat(room)}"}`)
    await refused(`{"a":"${'x'.repeat(room + 1)}"}`, 'document_too_large', { pointer: '' })
  })

  it('stops at 16 MiB of BSON, however small the JSON is', async () => {
    const numbers = `[${'0,'.repeat(3e6)}0]`
    await refused(`{"a":${numbers}}`, 'document_too_large', { pointer: '' })
    assert.deepEqual(await results(`[{"a":${numbers}},{"_id":"x"},${numbers}]`), [
      'document_too_large at ""',
      'x',
      'not_an_object at ""',
    ])
    await refused(`"${'x'.repeat(17 << 20)}"`, 'not_an_object', {})
    const long = 'x'.repeat(17 << 20)
    await refused(`{"a":[{"b":"${long}"}]}`, 'document_too_large', { pointer: '' })
    await refused(`{"${long}":1}`, 'document_too_large', { pointer: '' })
  })

  it('takes 100,000 documents in an array and no more', async () => {
    assert.equal((await items(`[${'{},'.repeat(99_999)}{}]`)).length, 100_000)
    await refused(`[${'{},'.repeat(100_000)}{}]`, 'body_too_large', {})
  })

  it('takes an _id of any kind if it is not the document’s own', async () => {
    const [list, object] = await results(
      '[[{"_id":1}],{"_id":"x","a":{"_id":null,"b":[{"_id":1}]}}]',
    )
    assert.deepEqual([list, object], ['not_an_object at ""', 'x'])
  })

  it('says line and column of what is not JSON', async () => {
    const faults: [string, number, number][] = [
      ['', 1, 1],
      ['{', 1, 2],
      ['{"a":1', 1, 7],
      ['{"a":1}x', 1, 8],
      ['{"a":1} {"b":2}', 1, 9],
      ['{\n  "a": tru\n}', 2, 8],
      ["{'a':1}", 1, 2],
      ['{"a":01}', 1, 6],
      ['{"a":1.}', 1, 6],
      ['{"a":.5}', 1, 6],
      ['{"a":+1}', 1, 6],
      ['{"a":1e}', 1, 6],
      ['{"a":-}', 1, 6],
      ['{"a":NaN}', 1, 6],
      ['{"a":"\n"}', 1, 6],
      ['{"a":"\t"}', 1, 7],
      ['{"ä":"\\x"}', 1, 7],
      ['{"a":"\\u12"}', 1, 7],
      ['{"a" 1}', 1, 6],
      ['{"a":1,}', 1, 8],
      ['[1,]', 1, 4],
      ['[{}', 1, 4],
      ['{"a":"abc', 1, 6],
      ['{"a"', 1, 5],
      ['nul', 1, 1],
    ]
    for (const [text, line, column] of faults) await refused(text, 'invalid_json', { line, column })
  })

  it('counts the lines of a body of lines', async () => {
    const line = (text: string, isShown = true) =>
      parser.parseLine(Buffer.from(text), 7, { newId: newObjectId, isShown })
    const fault = await line('{"a":}')
    assert.ok(fault instanceof Refusal)
    assert.deepEqual(fault.details, { line: 7, column: 6 })
    for (const text of ['{"a":}', '{} x']) assert.equal(await line(text, false), 'invalid_json')
    assert.equal(await line('[1]', false), 'not_an_object')
    assert.equal(await line('{"a":1e999}', false), 'number_not_exact')
  })

  it('reads no further than its text reaches', async () => {
    const whole = Buffer.from('{"a":tru}  "')
    for (let end = 1; end < 9; end++) {
      await assert.rejects(parser.parseBody(whole.subarray(0, end)), Refusal, `${end}`)
    }
  })

  it('refuses what is not UTF-8 and skips a byte order mark', async () => {
    await refused(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'invalid_utf8', {})
    await refused(Buffer.from('{"a":"\u00e4"}', 'latin1'), 'invalid_utf8', {})
    await one('\ufeff{"a":1}')
  })

  it('refuses a body that is neither an object nor an array', async () => {
    for (const text of ['1', '"a"', 'null', 'true', ' 1.5 '])
      await refused(text, 'not_an_object', {})
  })

  it('names the items of an array that are not objects', async () => {
    const all = await results('[{"_id":"a"}, 5, [{"b":2}], {"_id":"c"}, "x", null, -1.5e3, true]')
    const none = 'not_an_object at ""'
    assert.deepEqual(all, ['a', none, none, 'c', none, none, none, none])
  })

  it('puts the _id first and tells an ObjectId from a text', async () => {
    const { id, bson } = await one('{"a":1,"_id":"0123456789abcdef01234567","b":2}')
    assert.equal(id, '0123456789abcdef01234567')
    const document = BSON.deserialize(bson)
    assert.deepEqual(Object.keys(document), ['_id', 'a', 'b'])
    assert.equal(document._id.toHexString(), id)
    assert.equal(BSON.deserialize((await one('{"_id":"x"}')).bson)._id, 'x')
  })

  it('refuses an _id that could not come back or be addressed', async () => {
    const faults = [
      '1',
      'true',
      '[]',
      '-1.5',
      '{"a":1}',
      '""',
      '"."',
      '".."',
      '"0123456789ABCDEF01234567"',
    ]
    for (const id of [...faults, `"${'a'.repeat(257)}"`, `"${'ä'.repeat(129)}"`]) {
      await refused(`{"_id":${id}}`, 'invalid_id', { pointer: '/_id' })
      const pair = await results(`[{"_id":"a"},{"_id":${id}}]`)
      assert.deepEqual(pair, ['a', 'invalid_id at "/_id"'])
    }
    assert.equal((await one(`{"_id":"${'ä'.repeat(128)}"}`)).id, 'ä'.repeat(128))
    assert.equal((await one('{"a":{"_id":5}}')).bson.toString().includes('_id'), true)
  })

  it('gives a document the _id of its address, and refuses another one in it', async () => {
    assert.equal((await parser.parseDocument(Buffer.from('{"a":1}'), 'x')).id, 'x')
    assert.equal((await parser.parseDocument(Buffer.from('{"_id":"x"}'), 'x')).id, 'x')
    await assert.rejects(parser.parseDocument(Buffer.from('{"_id":"y"}'), 'x'), {
      code: 'invalid_id',
    })
  })

  it('keeps nothing of a refused text for the next one', async () => {
    await refused('{"a":{"b":{"_id":"c","d":1e999}}}', 'number_not_exact', { pointer: '/a/b/d' })
    const { id, bson } = await one('{"d":1}')
    assert.ok(isObjectId(id))
    assert.deepEqual(Object.keys(BSON.deserialize(bson)), ['_id', 'd'])
  })
})
