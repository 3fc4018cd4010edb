// Operators, prototypes and hidden requests: data or refused, never interpreted. On both stores.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { operatorNames } from '../../../src/query/operators.ts'
import type { DocumentStore } from '../../../src/store/document-store.ts'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { noMongod } from '../../support/mongod.ts'
import { rawRequest } from '../../support/raw-request.ts'
import { type RunningService, runService } from '../../support/running-service.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { testDatabase } from '../mongo/own-database.ts'

const folder = temporaryFolder()
const witnesses = ['{"_id":"w1","role":"admin","n":1}', '{"_id":"w2","role":"user","n":2}']
const json = { 'content-type': 'application/json' }

const refusedKeys = ['$where', '$ne', '$set', '$gt', '$expr', '$function', '$', '$id', '$$ROOT']
const asData = [
  '{"_id":"$ne","a":"$$ROOT"}',
  '{"_id":"{\\"$ne\\":null}","a":1}',
  '{"_id":"$where","this.role":"admin","a.b.c":{"d.e":[]}}',
  '{"_id":"__proto__","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  '{"_id":"constructor","prototype":null,"hasOwnProperty":1,"toString":{"valueOf":[]},"":0}',
  '{"_id":"toJSON","toJSON":"x","toBSON":"y","_bsontype":"ObjectId","then":"z"}',
  '{"_id":"nested","a":{"_bsontype":"Code","code":"x"},"b":{"_id":1},"c":[{"__proto__":[]}]}',
  '{"_id":"quotes\'\\"`;--","a":"\'; DROP TABLE documents; --"}',
]

// A whole request in the body of another one, whose end two readers could see in different places.
const hidden =
  'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"_id":"hidden"}'
const head = 'POST /data HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
const smuggled = [
  `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  `${head}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  `${head}Content-Length: 2\r\nContent-Length: ${2 + hidden.length}\r\n\r\n{}${hidden}`,
  `${head}Content-Length: ${2 + hidden.length}\r\nContent-Length: 2\r\n\r\n{}${hidden}`,
  `${head}Content-Length: 2, 2\r\n\r\n{}${hidden}`,
  `${head}Content-Length: +2\r\n\r\n{}${hidden}`,
  `${head}Content-Length: 0x2\r\n\r\n{}${hidden}`,
  `${head}Content-Length : 2\r\n\r\n{}${hidden}`,
  `${head}Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}${hidden}`,
  `${head}Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}${hidden}`,
  `${head}Transfer-Encoding: chunked, identity\r\nContent-Length: 2\r\n\r\n{}${hidden}`,
  `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n${hidden}`,
  `${head}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${hidden}`,
  `${head}X: y\rContent-Length: 2\r\n\r\n{}${hidden}`,
  `${head}X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  `${head} Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}${hidden}`,
  `${head}Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n${hidden}`,
  `${head}Transfer-Encoding: chunked\r\n\r\n2;\n\r\n{}\r\n0\r\n\r\n${hidden}`,
  `${head}Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n${hidden}`,
]

function injectionSuite(name: string, open: () => Promise<DocumentStore>): void {
  describe(`injection, on ${name}`, () => {
    let service: RunningService
    before(async () => {
      service = await runService(await open())
    })
    after(() => service.close())
    const all = async () => (await service.client.get('/data')).text
    const put = (path: string, body: string, headers: Record<string, string> = {}) =>
      service.client.send('PUT', path, { body, headers: { ...json, ...headers } })

    it('refuses a key that begins with $, at every depth, in every way in', async () => {
      for (const witness of witnesses)
        assert.equal((await service.client.post(witness)).status, 201)
      const untouched = await all()
      for (const key of refusedKeys) {
        const member = `${JSON.stringify(key)}:{"role":"admin"}`
        for (const body of [`{${member}}`, `{"a":{${member}}}`, `{"a":[[{${member}}]]}`]) {
          for (const answer of [
            await service.client.post(body),
            await service.client.post(`[${body}]`),
            await service.client.post(body, { 'content-type': 'application/x-ndjson' }),
            await put('/data/w1', body),
          ]) {
            assert.equal(answer.status, 422, body)
          }
        }
      }
      assert.equal(await all(), untouched)
    })

    it('refuses an _id that is not a text, so that none can be a condition', async () => {
      const ids = ['{"$ne":null}', '{"$oid":"0123456789abcdef01234567"}', '["a"]', '1', 'true']
      for (const id of ids) {
        const answer = await service.client.post(`{"_id":${id}}`)
        assert.equal(answer.status, 422, id)
        assert.equal((await put('/data/w1', `{"_id":${id}}`)).status, 422, id)
      }
    })

    it('takes an operator in an address for the text that it is', async () => {
      const untouched = await all()
      for (const id of [
        '{"$ne":null}',
        '{"$gt":""}',
        '$ne',
        'w1||1',
        "w1' OR '1'='1",
        '[object Object]',
      ]) {
        const path = `/data/${encodeURIComponent(id)}`
        assert.equal((await service.client.get(path)).status, 404, id)
        assert.equal((await service.client.send('DELETE', path)).status, 404, id)
      }
      for (const query of [
        'after[$ne]=1',
        'limit[$gt]=0',
        '__proto__[limit]=1',
        'constructor=1',
        '$where=1',
      ]) {
        assert.equal((await service.client.get(`/data?${query}`)).status, 400, query)
      }
      const behind = await service.client.get(
        `/data?after=${encodeURIComponent('{"$gt":""}')}&limit=9`,
      )
      assert.equal(behind.text, '[]\n', 'it sorts after both; the condition would be true of both')
      assert.equal(await all(), untouched)
    })

    it('keeps what only looks like an operator, and gives it back equal', async () => {
      for (const text of asData) {
        assert.equal((await service.client.post(text)).status, 201, text)
        const path = `/data/${encodeURIComponent(JSON.parse(text)._id)}`
        const read = await service.client.get(path)
        assert.equal(read.text, `${text}\n`)
        // Compares the stored document with itself in the database: none of it is an expression.
        const etag = read.headers.get('etag') ?? ''
        assert.equal((await put(path, text, { 'if-match': etag })).status, 200, text)
        assert.equal((await service.client.get(path)).text, `${text}\n`)
      }
      assert.equal(Reflect.get({}, 'polluted'), undefined)
      assert.equal((await service.client.post('{"_id":"plain"}')).status, 201)
      assert.equal((await service.client.get('/data/plain')).text, '{"_id":"plain"}\n')
      assert.deepEqual(
        (await service.client.get('/data/w2')).json(),
        JSON.parse(witnesses[1] ?? ''),
      )
    })

    it('takes nothing of a query for an operator, a pattern or a key of the database', async () => {
      const untouched = await all()
      const answer = (path: string) => service.client.get(path)
      // What a path may not be, with every operator; in a sort and in fields too.
      const noPaths = ['$where', '$or', 'a.$ne', '$', 'a.$', 'a%00', 'a..b', '.a', '', '$$ROOT']
      for (const path of noPaths) {
        for (const operator of operatorNames) {
          const wrong = await answer(`/data?${path}:${operator}=true`)
          assert.equal(wrong.status, 400, `${path}:${operator}`)
        }
        assert.equal((await answer(`/data?sort=${path}&limit=1`)).status, 400, path)
        assert.equal((await answer(`/data?fields=${path}`)).status, 400, path)
      }
      for (const name of [
        '__proto__=1',
        'a:__proto__=1',
        'a:$ne=1',
        'a:constructor=1',
        'a[$ne]=1',
      ]) {
        assert.equal((await answer(`/data?${name}`)).status, 400, name)
      }
      // Values that would mean something to a database: texts like any other, that no document has.
      // biome-ignore format: by kind, some in a line
      const values = [
        '{"$ne":null}',
        '{"$gt":""}',
        '{"$where":"sleep(9)"}',
        '[{"$ne":1}',
        '$role',
        "' OR 1=1 --",
        '^.*$',
        '.*',
        '(a+)+$',
        '\\u0000',
        '%',
        '_',
        'function(){}',
        '/admin/i',
        '"$ne"',
        '\u0000',
      ]
      for (const value of values) {
        for (const operator of ['eq', 'prefix', 'contains']) {
          const path = `/data?role:${operator}=${encodeURIComponent(value)}`
          assert.equal((await answer(path)).text, '[]\n', `${path} ${value}`)
        }
        // What is not after a text is before it or the same: both witnesses, whatever the text.
        const encoded = encodeURIComponent(value)
        for (const [after, rest] of [
          ['gt', 'lte'],
          ['gte', 'lt'],
        ]) {
          const found = await Promise.all(
            [after, rest].map((operator) =>
              answer(`/data?role:${operator}=${encoded}&role:in=admin,user&fields=_id`),
            ),
          )
          const ids = found.flatMap(({ text }) => [...text.matchAll(/"w\d"/g)].map(String))
          assert.deepEqual(ids.sort(), ['"w1"', '"w2"'], value)
        }
        const different = await answer(`/data?role:ne=${encoded}&role:in=admin,user&fields=_id`)
        assert.equal(different.text, '[{"_id":"w1"},\n{"_id":"w2"}]\n', value)
        assert.equal((await answer(`/data?role:exists=${encoded}`)).status, 400, value)
        const body = `{"where":["in","role",[${JSON.stringify(value)}]]}`
        const found = await service.client.send('QUERY', '/data', { body, headers: json })
        assert.equal(found.text, '[]\n', body)
      }
      for (const value of ['.', '*', '?', '^', '[a-z]', 'adm.n']) {
        assert.equal(
          (await answer(`/data?role:contains=${encodeURIComponent(value)}`)).text,
          '[]\n',
        )
      }
      // In QUERY nothing but the lists that it has.
      for (const where of [
        '{"$where":"1"}',
        '["eq",{"$ne":1},1]',
        '["eq","role",{"$ne":null}]',
        '["eq","role",["admin"]]',
        '["$or",["eq","a",1]]',
        '["eq",["a","$b"],1]',
        '["eq",["__proto__\\u0000"],1]',
        `["not",${'["not",'.repeat(8)}["eq","a",1]${']'.repeat(9)}`,
        `["eq",${JSON.stringify(Array(9).fill('a'))},1]`,
        `["eq","${'a'.repeat(300)}",1]`,
      ]) {
        const wrong = await service.client.send('QUERY', '/data', {
          body: `{"where":${where}}`,
          headers: json,
        })
        assert.equal(wrong.status, 400, where)
      }
      // A key like any other: one document has it, and no other one by inheritance.
      const prototype = await answer('/data?__proto__.polluted:exists=true&fields=_id')
      assert.equal(prototype.text, '[{"_id":"__proto__"}]\n')
      assert.equal((await answer('/data?__proto__.toString:exists=true')).text, '[]\n')
      assert.equal(Reflect.get({}, 'polluted'), undefined)
      assert.equal(await all(), untouched)
    })

    it('takes nothing of a patch for an operator', async () => {
      const untouched = await all()
      const patch = (type: string, body: string) =>
        service.client.send('PATCH', '/data/w1', { body, headers: { 'content-type': type } })
      for (const body of ['{"$set":{"role":"x"}}', '{"a":{"$inc":1}}', '{"a":[{"$push":1}]}']) {
        assert.equal((await patch('application/merge-patch+json', body)).status, 422, body)
      }
      for (const path of ['/$set', '/a\\u0000', '/$where']) {
        const body = `[{"op":"add","path":"${path}","value":1}]`
        assert.equal((await patch('application/json-patch+json', body)).status, 422, body)
      }
      const inside = '[{"op":"replace","path":"/role","value":{"$ne":1}}]'
      assert.equal((await patch('application/json-patch+json', inside)).status, 422)
      assert.equal(await all(), untouched)
    })

    it('processes no request that hides in another, and closes the connection', async () => {
      for (const bytes of smuggled) {
        const received = await rawRequest(service.port, Buffer.from(bytes, 'latin1'))
        assert.match(received, /^HTTP\/1\.1 4\d\d /, bytes)
        assert.equal(received.split('HTTP/1.1 ').length, 2, bytes)
        assert.equal((await service.client.get('/data/hidden')).status, 404, bytes)
      }
    })
  })
}

let files = 0
injectionSuite('SQLite', async () => openSqliteStore(join(folder, `${files++}.db`)))

describe('with a mongod', { skip: noMongod() ?? false }, () => {
  const server = testDatabase()
  injectionSuite('MongoDB', server.open)
})
