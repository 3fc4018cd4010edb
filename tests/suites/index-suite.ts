// Indexes, on every store: they change how long an answer takes, and what may be there twice; nothing else.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type IndexSpec, parseIndexes } from '../../src/query/indexes.ts'
import type { DocumentStore } from '../../src/store/document-store.ts'
import type { Answer } from '../support/client.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { nextOf, withIndexes } from './query-suite.ts'

const json = { 'content-type': 'application/json' }
const lines = { accept: 'application/x-ndjson' }
const regions = ['Africa', 'Americas', 'Asia', 'Europe']

/** Opens the store at the place, with these indexes. */
export type OpenPlace = (indexes: readonly IndexSpec[]) => DocumentStore

const idsOf = ({ text }: Answer): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String(JSON.parse(line)._id))

/** Defines the suite for a store. `newPlace` makes a place for one that is empty. */
export function indexSuite(name: string, newPlace: () => OpenPlace, documents = 1500): void {
  describe(`indexes, on ${name}`, () => {
    const open = async (place: OpenPlace, names: string): Promise<RunningService> =>
      runService(await withIndexes(place(names === '' ? [] : parseIndexes(names))))
    const many = (count: number, from = 0) =>
      Array.from(
        { length: count },
        (_, n) =>
          `{"_id":"d${String(from + n).padStart(6, '0')}","region":"${regions[n % 4]}","n":${(n * 7919) % count},"half":${n % 2 === 0 ? n : 'null'}}`,
      )
    const insert = async ({ client }: RunningService, documents: readonly string[]) => {
      const body = documents.join('\n')
      const answer = await client.post(body, { 'content-type': 'application/x-ndjson' })
      assert.equal(answer.status, 201, answer.text)
    }
    const follow = async ({ client }: RunningService, path: string) => {
      const ids: string[] = []
      for (let next: string | undefined = path; next !== undefined; ) {
        const answer = await client.get(next, lines)
        assert.equal(answer.status, 200, answer.text)
        ids.push(...idsOf(answer))
        next = nextOf(answer)
      }
      return ids
    }
    // All of it by pages and at once, with an index and without.
    const queries = [
      '/data?region:eq=Asia',
      '/data?region:in=Asia,Europe&n:lt=90',
      '/data?n:gte=10&n:lt=40',
      '/data?region:prefix=A&half:ne=null',
      '/data?half:eq=null',
      '/data?n:ne=5&region:eq=Africa',
    ]
    const sorted = ['n', '-n', 'region', '-region', '-region,-n', 'half', '-half,n', 'region,-half']

    it('are the same documents in the same order as without', async () => {
      const place = newPlace()
      const plain = await open(place, '')
      await insert(plain, many(documents))
      const expected = new Map<string, string[]>()
      for (const query of queries) {
        expected.set(query, idsOf(await plain.client.get(query, lines)))
        for (const sort of sorted) {
          const path = `${query}&sort=${sort}&limit=${Math.ceil(documents / 9)}`
          expected.set(path, await follow(plain, path))
        }
      }
      for (const sort of sorted) {
        expected.set(
          `/data?sort=${sort}&limit=${Math.ceil(documents / 8)}`,
          await follow(plain, `/data?sort=${sort}&limit=${Math.ceil(documents / 8)}`),
        )
      }
      await plain.close()
      const indexed = await open(place, 'region,n,half')
      for (const [path, ids] of expected) {
        if (!path.includes('sort=')) {
          assert.deepEqual(idsOf(await indexed.client.get(path, lines)), ids, path)
          assert.deepEqual(await follow(indexed, `${path}&limit=333`), ids, path)
        } else assert.deepEqual(await follow(indexed, path), ids, path)
      }
      const whole = idsOf(await indexed.client.get('/data?sort=-n', lines))
      assert.deepEqual(whole, expected.get(`/data?sort=-n&limit=${Math.ceil(documents / 8)}`))
      await indexed.close()
    })

    it('find and sort a document of many values, in whatever order they are written', async () => {
      const service = await open(newPlace(), 'v')
      const values = (from: number) =>
        Array.from({ length: 3000 }, (_, n) => from + ((n * 7) % 3000))
      const ids = async (query: string) => idsOf(await service.client.get(`/data?${query}`, lines))
      await insert(service, [
        `{"_id":"few","v":[5,6]}`,
        `{"_id":"many","v":${JSON.stringify(values(1))}}`,
        `{"_id":"one","v":2500}`,
      ])
      assert.deepEqual(await ids('v:eq=2500'), ['many', 'one'])
      assert.deepEqual(await ids('v:eq=5'), ['few', 'many'])
      assert.deepEqual(await ids('v:gt=2900'), ['many'])
      assert.deepEqual(await ids('sort=v&limit=9'), ['many', 'few', 'one'])
      assert.deepEqual(await follow(service, '/data?sort=-v&limit=1'), ['many', 'one', 'few'])
      const put = (body: string) =>
        service.client.send('PUT', '/data/many', { body, headers: json })
      assert.equal((await put(`{"v":${JSON.stringify(values(9000))}}`)).status, 200)
      assert.deepEqual(await ids('v:eq=2500'), ['one'])
      assert.deepEqual(await ids('v:eq=9001'), ['many'])
      assert.deepEqual(await ids('sort=v&limit=9'), ['few', 'one', 'many'])
      assert.equal((await put('{"v":[1]}')).status, 200)
      assert.deepEqual(await ids('v:eq=9001'), [])
      assert.deepEqual(await ids('sort=v&limit=9'), ['many', 'few', 'one'])
      assert.equal((await put(`{"v":${JSON.stringify(values(3))}}`)).status, 200)
      assert.equal((await service.client.send('DELETE', '/data/many')).status, 204)
      assert.deepEqual(await ids('v:gte=0'), ['few', 'one'])
      await service.close()
    })

    it('are made of what is there while others write, and kept by every write', async () => {
      const place = newPlace()
      const before = await open(place, '')
      await insert(before, many(documents))
      await before.close()
      const store = place(parseIndexes('v,n'))
      const service = await runService(store)
      for (let n = 0; n < 200; n++) {
        const id = `d${String(n * Math.floor(documents / 200)).padStart(6, '0')}`
        const path = `/data/${id}`
        const written = (answer: Answer) => assert.ok(answer.status < 300, answer.text)
        if (n % 4 === 0) written(await service.client.send('DELETE', path))
        else if (n % 4 === 1)
          written(await service.client.send('PUT', path, { body: '{"v":[1,"x"]}', headers: json }))
        else if (n % 4 === 2) {
          const headers = { 'content-type': 'application/merge-patch+json' }
          written(await service.client.send('PATCH', path, { body: '{"n":null,"v":2}', headers }))
        } else written(await service.client.post(`{"_id":"new${n}","v":1}`))
      }
      const list = async () => ({
        one: idsOf(await service.client.get('/data?v:eq=1', lines)),
        two: idsOf(await service.client.get('/data?v:eq=2', lines)),
        x: idsOf(await service.client.get('/data?v:eq=x', lines)),
        none: idsOf(await service.client.get('/data?n:exists=false&sort=v&limit=500', lines)),
        some: idsOf(await service.client.get('/data?n:gte=100&n:lt=150', lines)),
      })
      const early = await list()
      await withIndexes(store)
      assert.deepEqual(await list(), early)
      assert.deepEqual([early.one.length, early.two.length, early.x.length], [100, 50, 50])
      await service.close()
    })

    it('let a value be there once', async () => {
      const service = await open(newPlace(), 'email:unique,a.b:unique')
      const { client } = service
      assert.equal((await client.post('{"_id":"1","email":"a@x"}')).status, 201)
      const second = await client.post('{"_id":"2","email":"a@x"}')
      assert.equal(second.status, 409)
      assert.equal(second.member('code'), 'duplicate_value')
      assert.equal(second.member('pointer'), '/email')
      assert.equal((await client.get('/data/2')).status, 404)
      const some = await client.post(
        '[{"_id":"3","email":"b@x"},{"_id":"4","email":"a@x"},{"_id":"5","email":"b@x"},{"_id":"1","email":"c@x"},{"_id":"6"},{"_id":"7"}]',
      )
      assert.equal(some.status, 207)
      const codes = JSON.parse(some.text).errors.map(({ code }: { code: string }) => code)
      assert.deepEqual(codes, ['duplicate_value', 'duplicate_value', 'duplicate_id'])
      const put = (id: string, body: string) =>
        client.send('PUT', `/data/${id}`, { body, headers: json })
      assert.equal((await put('3', '{"email":"a@x"}')).member('code'), 'duplicate_value')
      assert.equal((await put('8', '{"email":"a@x"}')).member('code'), 'duplicate_value')
      assert.equal((await put('1', '{"email":"a@x","n":1}')).status, 200)
      const patched = await client.send('PATCH', '/data/3', {
        body: '{"email":"a@x"}',
        headers: { 'content-type': 'application/merge-patch+json' },
      })
      assert.equal(patched.member('code'), 'duplicate_value')
      assert.equal((await client.get('/data/3')).text, '{"_id":"3","email":"b@x"}\n')
      assert.equal((await client.send('DELETE', '/data/1')).status, 204)
      assert.equal((await put('3', '{"email":"a@x"}')).status, 200)

      // Null is a value, a missing member is not; equal numbers are the same, whatever their type.
      assert.equal((await put('n1', '{"email":null}')).status, 201)
      assert.equal((await put('n2', '{"email":null}')).status, 409)
      assert.equal((await put('i1', '{"email":5}')).status, 201)
      assert.equal((await put('i2', '{"email":5.0}')).status, 409)
      assert.equal((await put('i3', '{"email":"5"}')).status, 201)
      const long = 'x'.repeat(3000)
      assert.equal((await put('l1', `{"email":"${long}1"}`)).status, 201)
      assert.equal((await put('l2', `{"email":"${long}2"}`)).status, 201)
      assert.equal((await put('l3', `{"email":"${long}1"}`)).status, 409)
      // Of an array each element is one.
      assert.equal((await put('r1', '{"a":[{"b":1},{"b":[2,3]},{"b":2}]}')).status, 201)
      assert.equal((await put('r2', '{"a":{"b":3}}')).status, 409)
      await service.close()
    })

    it('are refused if the setting may mean unique ones', () => {
      for (const text of ['e:uniq', 'e:Unique', 'e:unqiue']) {
        assert.throws(() => parseIndexes(text), /another ending than :unique/, text)
      }
      assert.equal(parseIndexes('xml:lang')[0]?.path[0], 'xml:lang')
    })

    it('are refused if two documents have the value already', async () => {
      const place = newPlace()
      const before = await open(place, '')
      await insert(before, ['{"_id":"a","e":1}', '{"_id":"b","e":2}', '{"_id":"c","e":1.0}'])
      await before.close()
      const store = place(parseIndexes('e:unique'))
      while (store.indexes.some(({ state }) => state === 'building')) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      assert.equal(store.indexes[0]?.state, 'refused')
      assert.match(store.indexes[0]?.detail ?? '', /have the same value/)
      const service = await runService(store)
      assert.deepEqual(idsOf(await service.client.get('/data?e:eq=1', lines)), ['a', 'c'])
      assert.equal((await service.client.post('{"e":2}')).status, 201)
      await service.close()
    })

    it('go when the setting no longer names them, and come again', async () => {
      const place = newPlace()
      const first = await open(place, 'n,e:unique')
      await insert(first, many(documents))
      assert.equal((await first.client.post('{"e":1}')).status, 201)
      await first.close()
      const second = await open(place, 'n')
      assert.equal((await second.client.post('{"e":1}')).status, 201)
      assert.equal((await second.client.get('/data?sort=n', lines)).status, 200)
      const other = await second.client.get('/data?sort=half', lines)
      assert.equal(other.member('code'), 'index_needed')
      assert.match(String(other.member('detail')), /or the index: INDEXES=n,half$/)
      await second.close()
      const third = await open(place, '')
      assert.equal((await third.client.post('{"n":5}')).status, 201)
      assert.equal((await third.client.get('/data?sort=n', lines)).status, 422)
      await third.close()
      const fourth = await open(place, 'n')
      assert.equal(idsOf(await fourth.client.get('/data?n:eq=5', lines)).length, 2)
      await fourth.close()
    })
  })
}
