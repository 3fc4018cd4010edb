// Imports of what people have: mongoexport's and bsondump's files, arrays, and CSV.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { BSON, Decimal128, Long, ObjectId, Timestamp } from 'mongodb'
import { NotKept, plainJson } from '../../backup/plain-json.ts'
import { splitDocuments } from '../../backup/split-documents.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { type Finished, runToEnd } from '../support/service-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let files = 0

async function split(text: string, chunk: number) {
  const bytes = Buffer.from(text)
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
  }
  const found: [number, string][] = []
  for await (const { number, bytes: own } of splitDocuments(chunks(), 1 << 20)) {
    found.push([number, own.toString()])
  }
  return found
}

describe('a file of documents', () => {
  it('is split into them, however it is laid out and cut into chunks', async () => {
    const one = '{"a":"}\\"{[","b":[{"c":1},[2]]}'
    const two = '{\n  "d": {\n  "e": "\\\\"}\n}'
    for (const text of [`${one}\n${two}\n`, `[${one},\n${two}]`, `[\n ${one}\n,${two}\n]\n`]) {
      for (const chunk of [1, 2, 3, 7, 1000]) {
        assert.deepEqual(
          (await split(text, chunk)).map(([, own]) => own),
          [one, two],
        )
      }
    }
    assert.deepEqual(await split(`\n${one}\n\n${two}`, 5), [
      [2, one],
      [4, two],
    ])
    assert.deepEqual(await split('{"a":1}\nx y\n{"b":', 100), [
      [1, '{"a":1}'],
      [2, 'x y'],
      [3, '{"b":'],
    ])
  })
})

describe('Extended JSON as plain JSON', () => {
  it('keeps numbers, ids and dates, in both forms', () => {
    const document = {
      _id: new ObjectId('0123456789abcdef01234567'),
      '3': 1,
      date: new Date(1e12),
      early: new Date(-1),
      long: Long.fromString('9007199254740991'),
      price: Decimal128.fromString('1.10'),
      list: [{ d: new Date(0) }, 1.5],
      text: '{"$date":1}',
    }
    for (const relaxed of [false, true]) {
      const { json } = plainJson(BSON.EJSON.stringify(document, { relaxed }))
      assert.equal(
        json.replace('"3":1,', ''),
        '{"_id":"0123456789abcdef01234567","date":"2001-09-09T01:46:40.000Z","early":"1969-12-31T23:59:59.999Z","long":9007199254740991,"price":"1.10","list":[{"d":"1970-01-01T00:00:00.000Z"},1.5],"text":"{\\"$date\\":1}"}',
      )
    }
    // The driver's own relaxed form has lost such a number before it is written.
    assert.equal(
      plainJson('{"a":{"$numberLong":"9007199254740993"}}').json,
      '{"a":9007199254740993}',
    )
    assert.equal(plainJson('{ "b" : 1 , "2" : { "$numberLong" : "5" } }').json, '{"b":1,"2":5}')
    const oid = '{"$oid":"0123456789abcdef01234567"}'
    assert.deepEqual(
      [...plainJson(`{"a":${oid},"b":[${oid}]}`).changed],
      [['ObjectIds to texts', 2]],
    )
  })

  it('takes an ObjectId in upper case, and a date as earlier versions wrote it', () => {
    const text = '{"a":{"$oid":"0123456789ABCDEF01234567"},"d":{"$date":1e12}}'
    assert.equal(
      plainJson(text).json,
      '{"a":"0123456789abcdef01234567","d":"2001-09-09T01:46:40.000Z"}',
    )
  })

  it('says what JSON cannot keep', () => {
    for (const value of [new Timestamp({ t: 1, i: 2 }), /a/i, Number.POSITIVE_INFINITY]) {
      const text = BSON.EJSON.stringify({ value }, { relaxed: false })
      assert.throws(() => plainJson(text), NotKept, text)
    }
    for (const text of ['{"a":{"$oid":"zz"}}', '{"a":{"$date":"yesterday"}}']) {
      assert.throws(() => plainJson(text), NotKept, text)
    }
    for (const text of ['{"a":', '{"a" 1}', '[1 2]', '{"a":1}x', '"a', '']) {
      assert.throws(() => plainJson(text), SyntaxError, text)
    }
  })
})

describe('an import', () => {
  let service: RunningService
  before(async () => {
    service = await runService(openSqliteStore(join(folder, 'kinds.db')))
  })
  after(() => service.close())

  const run = (text: string | Buffer, ...options: string[]): Promise<Finished> => {
    const file = join(folder, `${files++}.txt`)
    writeFileSync(file, text)
    const args = [file, '--url', service.client.base, ...options]
    return runToEnd({}, [process.execPath, 'backup/import.ts', ...args])
  }
  const get = async (id: string) => (await service.client.get(`/data/${id}`)).text

  it('takes what mongoexport writes, and lists what cannot be kept', async () => {
    const lines = [
      '{"_id":{"$oid":"0123456789abcdef01234567"},"d":{"$date":"2024-01-02T03:04:05Z"},"n":{"$numberLong":"5"}}',
      '{"_id":"a","x":{"$numberDouble":"1.5"},"t":{"$timestamp":{"t":1,"i":1}}}',
      '{"_id":"b","x":{"$numberDouble":"1.5"}}',
    ]
    for (const text of [lines.join('\n'), `[${lines.join(',\n')}]`]) {
      const { code, stderr } = await run(text, '--extended-json')
      assert.equal(code, 3, stderr)
      assert.match(stderr, /line 2: JSON has nothing for \{"\$timestamp"/)
      assert.match(stderr, /3 documents: \d are new, \d were there already, 1 were refused/)
      assert.match(stderr, /1 dates to texts/)
    }
    assert.equal(
      await get('0123456789abcdef01234567'),
      '{"_id":"0123456789abcdef01234567","d":"2024-01-02T03:04:05.000Z","n":5}\n',
    )
    assert.equal(await get('b'), '{"_id":"b","x":1.5}\n')
  })

  it('takes CSV, as texts or as what the fields look like', async () => {
    const csv =
      '\ufeffcode,name,"a, b",n\r\nx1,"Ada ""L""\nByron",,007\r\nx2,Bob,true,5\r\n\r\nx3,short\r\n'
    const { code, stderr } = await run(csv, '--csv', '--id', 'code')
    assert.equal(code, 3, stderr)
    assert.match(stderr, /line 6: it has 2 fields, and the header 4/)
    assert.equal(await get('x1'), '{"_id":"x1","name":"Ada \\"L\\"\\nByron","a, b":"","n":"007"}\n')
    assert.equal(await get('x2'), '{"_id":"x2","name":"Bob","a, b":"true","n":"5"}\n')
    const typed = await run('_id,t,n,z\n7,true,5.50,null\n', '--csv', '--types')
    assert.equal(typed.code, 0, typed.stderr)
    assert.equal(await get('7'), '{"_id":"7","t":true,"n":5.5,"z":null}\n')
  })

  it('refuses what is not UTF-8, with its line', async () => {
    const csv = await run(Buffer.from('_id,n\nu1,a\nu2,Z\xfcrich\n', 'latin1'), '--csv')
    assert.equal(csv.code, 1)
    assert.match(csv.stderr, /line 3: it is not UTF-8; save it as UTF-8/)
    const lines = '{"_id":"u3","n":"Z\xfcrich"}\n{"_id":"u4"}\n'
    const json = await run(Buffer.from(lines, 'latin1'), '--extended-json')
    assert.equal(json.code, 3)
    assert.match(json.stderr, /line 1: it is not UTF-8/)
    assert.equal(await get('u4'), '{"_id":"u4"}\n')
  })

  it('refuses options and headers that cannot be meant', async () => {
    for (const [text, ...options] of [
      ['a,b\n1,2\n', '--csv'],
      ['_id,a,a\n1,2,3\n', '--csv'],
      ['{}', '--types'],
      ['{}', '--csv', '--extended-json'],
    ] as const) {
      assert.equal((await run(text, ...options)).code, 2, text)
    }
    assert.equal((await run('_id,a\n1,"x\n', '--csv')).code, 1)
    assert.match((await run('_id;a\n1;2\n', '--csv')).stderr, /between commas, not ";"/)
  })
})
