// What the parser takes and what it refuses, with the place of the fault.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BSON } from 'mongodb'
import { DocumentParser } from '../../src/documents/document-parser.ts'
import { Problem, type ProblemCode } from '../../src/http/problem.ts'
import { isObjectId } from '../../src/store/document-id.ts'

const parser = new DocumentParser()

function one(text: string | Uint8Array) {
  const parsed = parser.parseBody(Buffer.from(text))
  assert.ok(parsed.kind === 'one')
  return parsed.document
}

function refused(text: string | Uint8Array, code: ProblemCode, details: object): Problem {
  let problem: unknown
  try {
    parser.parseBody(Buffer.from(text))
  } catch (error) {
    problem = error
  }
  assert.ok(problem instanceof Problem, `accepted: ${text}`)
  assert.equal(problem.code, code, problem.message)
  for (const [name, value] of Object.entries(details)) {
    assert.deepEqual(problem.details[name], value, `${name}: ${problem.message}`)
  }
  return problem
}

const nested = (levels: number, open: string, close: string) =>
  `${open.repeat(levels)}1${close.repeat(levels)}`

describe('the parser', () => {
  it('writes BSON that the driver reads as the same document', () => {
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
    const { id, bson } = one(JSON.stringify(value))
    const { _id, ...rest } = BSON.deserialize(bson)
    assert.deepEqual(rest, value)
    assert.equal(_id.toString(), id)
    assert.ok(isObjectId(id))
  })

  it('keeps the order of keys that JavaScript would sort', () => {
    const keys = [...BSON.onDemand.parseToElements(one('{"b":1,"3":1,"1":1,"a":1}').bson)]
    assert.equal(keys.length, 5)
    assert.match(one('{"b":1,"3":1,"1":1}').bson.toString(), /b.*3.*1/s)
  })

  it('chooses the BSON type that keeps a number', () => {
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
      const { n } = BSON.deserialize(one(`{"n":${text}}`).bson, { promoteValues: false })
      assert.equal(n._bsontype, type, text)
      assert.equal(Number(n.valueOf()), Number(text), text)
    }
  })

  it('refuses a number that neither a double nor 64 bits can hold', () => {
    for (const text of [
      '1e400',
      '-1e400',
      '1e-400',
      '12345678901234567890',
      '9223372036854775808',
      '-9223372036854775809',
      '0.1234567890123456789',
      '3.141592653589793238',
      '4e-324',
      '123456789012345678.5',
    ]) {
      refused(`{"a":[0,{"b":${text}}]}`, 'number_not_exact', { pointer: '/a/1/b' })
    }
  })

  it('shortens a number of a million digits in its message', () => {
    const problem = refused(`{"n":${'9'.repeat(1e6)}}`, 'number_not_exact', { pointer: '/n' })
    assert.ok(problem.message.length < 200)
  })

  it('reads every escape of JSON', () => {
    const text = '{"t":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\\ud83d\\ude00\\uFFFF"}'
    assert.equal(BSON.deserialize(one(text).bson).t, JSON.parse(text).t)
  })

  it('refuses half of a surrogate pair, in values and in keys', () => {
    for (const half of ['\\ud83d', '\\ude00', '\\ud83dx', '\\ud83d\\u0041', '\\ude00\\ud83d']) {
      refused(`{"a":["${half}"]}`, 'lone_surrogate', { pointer: '/a/0' })
    }
    refused('{"\\ud83d":1}', 'lone_surrogate', {})
  })

  it('refuses keys that MongoDB cannot keep, and says where', () => {
    refused('{"a":{"$where":1}}', 'key_not_allowed', { pointer: '/a/$where' })
    refused('{"a":[{"x\\u0000y":1}]}', 'key_not_allowed', { pointer: '/a/0/x\u0000y' })
    one('{"a$":1,"a.b":{"c.d":2}}')
  })

  it('takes __proto__ and constructor as keys like any other', () => {
    const { bson } = one('{"__proto__":{"polluted":1},"constructor":{"prototype":2}}')
    assert.equal(Reflect.get({}, 'polluted'), undefined)
    assert.match(bson.toString(), /__proto__.*polluted.*constructor/s)
  })

  it('refuses a key that comes twice, in small objects and large ones', () => {
    refused('{"a":1,"b":{"c":1,"d":2,"c":3}}', 'duplicate_key', { pointer: '/b/c' })
    refused('{"a":1,"\\u0061":2}', 'duplicate_key', { pointer: '/a' })
    refused('{"_id":"x","_id":"y"}', 'duplicate_key', { pointer: '/_id' })
    const many = Array.from({ length: 100 }, (_, n) => `"k${n}":${n}`).join(',')
    one(`{${many}}`)
    refused(`{${many},"k99":0}`, 'duplicate_key', { pointer: '/k99' })
    refused(`{${many},"k3":0}`, 'duplicate_key', { pointer: '/k3' })
    one(`{"a":{"x":1},"b":{"x":1},"x":1}`)
  })

  it('escapes keys in pointers as RFC 6901 asks', () => {
    refused('{"a/b":{"c~d":1e999}}', 'number_not_exact', { pointer: '/a~1b/c~0d' })
  })

  it('takes 100 levels and refuses 101, alone and in an array', () => {
    const inside = nested(99, '[', ']')
    one(`{"a":${inside}}`)
    assert.equal(parser.parseBody(Buffer.from(`[{"a":${inside}}]`)).kind, 'many')
    refused(`{"a":${nested(100, '[', ']')}}`, 'too_deep', {})
    refused(`[{"a":${nested(100, '[', ']')}}]`, 'too_deep', {})
    refused(nested(101, '{"a":', '}'), 'too_deep', {})
    one(nested(100, '{"a":', '}'))
  })

  it('survives a million opening brackets', () => {
    refused('['.repeat(1e6), 'too_deep', {})
    refused(`{"a":${'['.repeat(1e6)}`, 'too_deep', {})
  })

  it('refuses a document over 16 MiB of BSON', () => {
    const room = 16 * 1024 * 1024 - 4 - 17 - 1 - 2 - 4 - 1 - 1
    one(`{"a":"${'x'.repeat(room)}"}`)
    refused(`{"a":"${'x'.repeat(room + 1)}"}`, 'document_too_large', { pointer: '' })
  })

  it('stops at 16 MiB of BSON, however small the JSON is', () => {
    const numbers = `[${'0,'.repeat(3e6)}0]`
    refused(`{"a":${numbers}}`, 'document_too_large', { pointer: '' })
    refused(`[{"x":1},{"a":${numbers}}]`, 'document_too_large', { pointer: '/1' })
    refused(`[${numbers}]`, 'document_too_large', { pointer: '/0' })
    refused(numbers.replace('[', '{"a":[').replace(']', ']}'), 'document_too_large', {})
    refused(`"${'x'.repeat(17 << 20)}"`, 'document_too_large', {})
  })

  it('takes 100,000 documents in an array and no more', () => {
    const parsed = parser.parseBody(Buffer.from(`[${'{},'.repeat(99_999)}{}]`))
    assert.ok(parsed.kind === 'many')
    assert.equal(parsed.documents.length, 100_000)
    refused(`[${'{},'.repeat(100_000)}{}]`, 'body_too_large', {})
  })

  it('takes an _id of any kind where it is not the document’s own', () => {
    const parsed = parser.parseBody(Buffer.from('[[{"_id":1}],{"a":{"_id":null}}]'))
    assert.ok(parsed.kind === 'many')
    assert.deepEqual(parsed.notObjects, [0])
  })

  it('says line and column of what is no JSON', () => {
    const faults: [string, number, number][] = [
      ['', 1, 1],
      ['{', 1, 2],
      ['{"a":1', 1, 7],
      ['{"a":1}x', 1, 8],
      ['{"a":1} {"b":2}', 1, 9],
      ['{\n  "a": tru\n}', 2, 11],
      ["{'a':1}", 1, 2],
      ['{"a":01}', 1, 7],
      ['{"a":1.}', 1, 8],
      ['{"a":.5}', 1, 6],
      ['{"a":+1}', 1, 6],
      ['{"a":1e}', 1, 8],
      ['{"a":-}', 1, 7],
      ['{"a":NaN}', 1, 6],
      ['{"a":"\n"}', 1, 7],
      ['{"ä":"\\x"}', 1, 7],
      ['{"a":"\\u12"}', 1, 7],
      ['{"a" 1}', 1, 6],
      ['{"a":1,}', 1, 8],
      ['[1,]', 1, 4],
      ['[{}', 1, 4],
      ['{"a":"abc', 1, 10],
      ['{"a"', 1, 5],
      ['nul', 1, 4],
    ]
    for (const [text, line, column] of faults) refused(text, 'invalid_json', { line, column })
  })

  it('counts the lines of a body of lines', () => {
    assert.throws(() => parser.parseLine(Buffer.from(`{"a":}`), 7), {
      details: { line: 7, column: 6 },
    })
  })

  it('reads no further than its text reaches', () => {
    const whole = Buffer.from('{"a":tru}  "')
    for (let end = 1; end < 9; end++) {
      assert.throws(() => parser.parseBody(whole.subarray(0, end)), Problem, `${end}`)
    }
  })

  it('refuses what is no UTF-8 and skips a byte order mark', () => {
    refused(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'invalid_utf8', {})
    refused(Buffer.from('{"a":"\u00e4"}', 'latin1'), 'invalid_utf8', {})
    one('\ufeff{"a":1}')
  })

  it('refuses a body that is no object and no array', () => {
    for (const text of ['1', '"a"', 'null', 'true', ' 1.5 ']) refused(text, 'not_an_object', {})
  })

  it('names the items of an array that are no objects', () => {
    const parsed = parser.parseBody(Buffer.from('[{"a":1}, 5, [{"b":2}], {"c":3}, "x", null]'))
    assert.ok(parsed.kind === 'many')
    assert.deepEqual(parsed.notObjects, [1, 2, 4, 5])
    assert.equal(parsed.documents.length, 2)
  })

  it('puts the _id first and tells an ObjectId from a text', () => {
    const { id, bson } = one('{"a":1,"_id":"0123456789abcdef01234567","b":2}')
    assert.equal(id, '0123456789abcdef01234567')
    const document = BSON.deserialize(bson)
    assert.deepEqual(Object.keys(document), ['_id', 'a', 'b'])
    assert.equal(document._id.toHexString(), id)
    assert.equal(BSON.deserialize(one('{"_id":"x"}').bson)._id, 'x')
  })

  it('refuses an _id that could not come back or be addressed', () => {
    const faults = ['1', 'null', '{"a":1}', '""', '"."', '".."', '"0123456789ABCDEF01234567"']
    for (const id of [...faults, `"${'a'.repeat(257)}"`, `"${'ä'.repeat(129)}"`]) {
      refused(`{"_id":${id}}`, 'invalid_id', { pointer: '/_id' })
      refused(`[{"a":1},{"_id":${id}}]`, 'invalid_id', { pointer: '/1/_id' })
    }
    assert.equal(one(`{"_id":"${'ä'.repeat(128)}"}`).id, 'ä'.repeat(128))
    assert.equal(one('{"a":{"_id":5}}').bson.toString().includes('_id'), true)
  })

  it('gives a document the _id of its address, and refuses another one in it', () => {
    assert.equal(parser.parseDocument(Buffer.from('{"a":1}'), 'x').id, 'x')
    assert.equal(parser.parseDocument(Buffer.from('{"_id":"x"}'), 'x').id, 'x')
    assert.throws(() => parser.parseDocument(Buffer.from('{"_id":"y"}'), 'x'), {
      code: 'invalid_id',
    })
  })

  it('keeps nothing of a refused text for the next one', () => {
    refused('{"a":{"b":{"_id":"c","d":1e999', 'number_not_exact', { pointer: '/a/b/d' })
    const { id, bson } = one('{"d":1}')
    assert.ok(isObjectId(id))
    assert.deepEqual(Object.keys(BSON.deserialize(bson)), ['_id', 'd'])
  })
})
