// Queries over HTTP: the oracle's documents in the oracle's order, on every store.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { idOfNew } from '../../src/codec/document-id.ts'
import type { DocumentStore } from '../../src/store/document-store.ts'
import type { Answer } from '../support/client.ts'
import { compareDocuments, readDocument, type Step, satisfies } from '../support/query/oracle.ts'
import { createGenerator, sortJson, toJson } from '../support/query/random.ts'
import { type RunningService, runService } from '../support/running-service.ts'

const json = { 'content-type': 'application/json' }
const lines = { accept: 'application/x-ndjson' }
const documentsOfASeed = 40
const queriesOfASeed = 100
// QUERY_PAIRS says how many pairs of a document and a query, QUERY_SEED where they begin.
const pairs = Number(process.env.QUERY_PAIRS ?? 8000)
const firstSeed = Number(process.env.QUERY_SEED ?? 1)
const endOfSeeds = firstSeed + pairs / (documentsOfASeed * queriesOfASeed)

const idsOf = ({ text }: Answer): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String(JSON.parse(line)._id))

/** Paths of the suite's documents. */
export const indexedPaths = 'a,b,c,a.b,b.a,0,1,name,age,tags,n,address.city,list.n,v,t,stays'

/** The store when it has made its indexes. */
export async function withIndexes(store: DocumentStore): Promise<DocumentStore> {
  while (!store.indexes.every(({ state }) => state === 'ready')) await sleep(20)
  return store
}

/** The address in the Link to the next page. */
export function nextOf({ headers }: Answer): string | undefined {
  const link = headers.get('link')
  return link === null ? undefined : /^<([^>]+)>; rel="next"$/.exec(link)?.[1]
}

/** Defines the suite for a store. `open` opens one that is empty. */
export function querySuite(name: string, open: () => Promise<DocumentStore>): void {
  describe(`queries, on ${name}`, () => {
    let service: RunningService
    before(async () => {
      service = await runService(await open())
    })
    after(() => service.close())

    // As a client of a busy machine: the long form of the pairs takes an hour of it.
    const patient = async (ask: () => Promise<Answer>): Promise<Answer> => {
      for (let tries = 1; ; tries++) {
        const answer = await ask()
        if (answer.status !== 503 || tries === 20) return answer
        await sleep(1000)
      }
    }
    const get = (path: string) => patient(() => service.client.get(path, lines))
    const query = (body: string, path = '/data', more: Readonly<Record<string, string>> = {}) =>
      patient(() =>
        service.client.send('QUERY', path, { body, headers: { ...json, ...lines, ...more } }),
      )
    const insert = async (documents: readonly string[]) => {
      const prefer = { ...json, prefer: 'resolution=ignore-duplicates' }
      const answer = await patient(() => service.client.post(`[${documents}]`, prefer))
      assert.ok(answer.status === 201 || answer.status === 200, answer.text)
    }
    // 404: of one that was answered with 503 and done all the same.
    const remove = async (path: string) => {
      const { status, text } = await patient(() => service.client.send('DELETE', path))
      assert.ok(status === 204 || status === 404, text)
    }
    const removeAll = async () => {
      for (;;) {
        const ids = idsOf(await get('/data?limit=1000'))
        if (ids.length === 0) return
        const paths = ids.map((id) => `/data/${encodeURIComponent(idOfNew(id))}`)
        // Few at a time: a slow database with many indexes would answer the last of them too late.
        while (paths.length > 0) await Promise.all(paths.splice(0, 8).map(remove))
      }
    }
    const fill = async (documents: readonly string[]) => {
      await removeAll()
      await insert(documents)
    }
    // Every page of the list that begins with this answer.
    const follow = async (first: Answer, next: (path: string) => Promise<Answer>) => {
      const ids: string[] = []
      let answer = first
      for (let pages = 0; ; pages++) {
        assert.equal(answer.status, 200, answer.text)
        assert.ok(pages < 1000, 'it goes round in circles')
        ids.push(...idsOf(answer))
        const address = nextOf(answer)
        if (address === undefined) return ids
        answer = await next(address)
      }
    }

    it('finds what the vectors say', async () => {
      const [first = '', ...vectors] = readFileSync(
        join(import.meta.dirname, '../query/vectors.jsonl'),
        'utf8',
      )
        .trimEnd()
        .split('\n')
      await fill(first.slice('{"documents":['.length, -2).split(/,(?=\{"_id":)/))
      for (const line of vectors) {
        const { search, ids } = JSON.parse(line)
        const body = line.slice('{"query":'.length, line.lastIndexOf(',"ids":'))
        const isSorted = body.includes('"sort":') || /sort=/.test(search ?? '')
        const answer =
          search === undefined
            ? await query(isSorted ? `${body.slice(0, -1)},"limit":100}` : body)
            : await get(`/data?${search}&limit=100`)
        assert.equal(answer.status, 200, `${line} ${answer.text}`)
        assert.deepEqual(idsOf(answer), ids, line)
      }
    })

    it(`finds what the oracle finds, in its order and by pages, of ${pairs} pairs`, async () => {
      for (let seed = firstSeed; seed < endOfSeeds; seed++) {
        const generate = createGenerator(seed)
        const texts = Array.from({ length: documentsOfASeed }, generate.document)
        await fill(texts)
        const documents = texts.map((text) => ({
          id: String(JSON.parse(text)._id),
          value: readDocument(text),
        }))
        for (let count = 0; count < queriesOfASeed; count++) {
          const where = generate.where()
          const sort: readonly Step[] = generate.sort()
          const expected = documents
            .filter(({ value }) => satisfies(value, where))
            .sort((left, right) => compareDocuments(left.value, right.value, sort))
            .map(({ id }) => id)
          const limit = 1 + generate.below(15)
          const body = `{"where":${toJson(where)},"sort":${sortJson(sort)},"limit":${limit}}`
          const first = await query(body, '/data', { prefer: 'count=exact' })
          const repeat = `QUERY_PAIRS=1 QUERY_SEED=${seed} ${body}`
          assert.equal(first.headers.get('x-total-count'), String(expected.length), repeat)
          const found = await follow(first, (address) => query(body, address))
          assert.deepEqual(found, expected, repeat)
        }
      }
    })

    it('shows the members that are asked for, and always the _id', async () => {
      await fill([
        '{"_id":"a","b":1,"c":{"d":[{"e":1,"f":2},5,[{"e":3}]],"g":null},"3":{"x":1},"list":[1,2,3]}',
      ])
      const fields = async (list: string) => (await service.client.get(`/data?fields=${list}`)).text
      assert.equal(await fields('b'), '[{"_id":"a","b":1}]\n')
      assert.equal(await fields('_id'), '[{"_id":"a"}]\n')
      assert.equal(await fields('3,b'), '[{"_id":"a","b":1,"3":{"x":1}}]\n')
      assert.equal(await fields('c.g,b'), '[{"_id":"a","b":1,"c":{"g":null}}]\n')
      assert.equal(await fields('c.d.e'), '[{"_id":"a","c":{"d":[{"e":1}]}}]\n')
      assert.equal(
        await fields('c.d.e,c'),
        '[{"_id":"a","c":{"d":[{"e":1,"f":2},5,[{"e":3}]],"g":null}}]\n',
      )
      assert.equal(await fields('list.1'), '[{"_id":"a","list":[2]}]\n')
      assert.equal(await fields('c.d.1'), '[{"_id":"a","c":{"d":[5]}}]\n')
      assert.equal(await fields('none,b.c'), '[{"_id":"a"}]\n')
    })

    it('gives the newest first', async () => {
      await fill(['{"_id":"a"}', '{"_id":"b"}', '{}', '{}'])
      const oldest = idsOf(await get('/data'))
      assert.deepEqual(idsOf(await get('/data?sort=-_id')), oldest.toReversed())
      assert.deepEqual(await follow(await get('/data?sort=-_id&limit=1'), get), oldest.toReversed())
      assert.deepEqual(idsOf(await get('/data?sort=_id')), oldest)
    })

    it('counts when it is asked to', async () => {
      await fill(['{"_id":"a","n":1}', '{"_id":"b","n":2}', '{"_id":"c"}'])
      const count = async (path: string, prefer?: string) => {
        const answer = await service.client.get(path, prefer === undefined ? {} : { prefer })
        return [answer.headers.get('x-total-count'), answer.headers.get('preference-applied')]
      }
      assert.deepEqual(await count('/data?limit=1'), [null, null])
      assert.deepEqual(await count('/data?limit=1', 'count=exact'), ['3', 'count=exact'])
      assert.deepEqual(await count('/data?n:gte=2', 'count=exact'), ['1', 'count=exact'])
      assert.deepEqual(await count('/data?n:ne=2&limit=1', 'count=exact'), ['2', 'count=exact'])
      const head = await service.client.send('HEAD', '/data?n:ne=2&limit=1', {
        headers: { prefer: 'count=exact' },
      })
      assert.equal(head.headers.get('x-total-count'), '2')
    })

    it('keeps all of the query in the Link', async () => {
      await fill(['{"_id":"a b","n":"x,y"}', '{"_id":"c","n":"x,y"}', '{"_id":"d","n":"x,y"}'])
      const path = '/data?n:in=%22x,y%22,%26&fields=n&limit=1'
      const first = await get(path)
      const next = nextOf(first)
      assert.match(next ?? '', /^\/data\?n:in=%22x,y%22,%26&fields=n&limit=1&after=a%20b$/)
      assert.deepEqual(await follow(first, get), ['a b', 'c', 'd'])
    })

    it('pages after a value that is too long for a Link', async () => {
      const long = 'x'.repeat(5000)
      await fill(
        Array.from({ length: 6 }, (_, n) => `{"_id":"l${n}","t":"${long}${n % 3}","n":${n}}`),
      )
      const expected = ['l0', 'l3', 'l1', 'l4', 'l2', 'l5']
      assert.deepEqual(await follow(await get('/data?sort=t&limit=1'), get), expected)
      const first = await get('/data?sort=t&limit=1')
      assert.ok((nextOf(first) ?? '').length < 2100)
      await service.client.send('DELETE', '/data/l0')
      const gone = await get(nextOf(first) ?? '')
      assert.equal(gone.status, 400)
      assert.match(String(gone.member('detail')), /Begin with the first page/)
    })

    it('never gives a document twice or out of order while others come and go', async () => {
      const stay = Array.from({ length: 60 }, (_, n) => `{"_id":"s${n}","v":${n % 7},"stays":true}`)
      await fill(stay)
      let stop = false
      const disturb = async () => {
        for (let round = 0; !stop; round++) {
          const id = `d${round % 20}`
          await service.client.send('PUT', `/data/${id}`, {
            body: `{"v":${round % 9}}`,
            headers: json,
          })
          if (round % 3 === 0) await service.client.send('DELETE', `/data/d${(round * 7) % 20}`)
        }
      }
      const disturbing = disturb()
      // By what the sort begins with: those that come and go are in order too.
      const keysOf = ({ text }: Answer, sign: number) =>
        text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line))
          .map(({ _id, v }) => ({ value: sign * v, id: String(_id) }))
      try {
        for (const sort of ['v', '-v', '-v,_id', 'stays,-v', '-_id']) {
          const keys: { value: number; id: string }[] = []
          const page = async (address: string) => {
            const answer = await get(address)
            keys.push(...keysOf(answer, sort.startsWith('-v') ? -1 : 1))
            return answer
          }
          const ids = await follow(await page(`/data?sort=${sort}&limit=7`), page)
          for (const [at, { value, id }] of keys.entries()) {
            const before = keys[at - 1]
            if (before === undefined || !/^-?v/.test(sort)) continue
            const isTie = before.value === value && before.id < id
            assert.ok(before.value < value || isTie, `${sort}: ${id} after ${before.id}`)
          }
          const known = ids.filter((id) => id.startsWith('s'))
          assert.equal(new Set(known).size, known.length, 'none comes twice')
          assert.equal(known.length, 60, 'none is left out')
        }
      } finally {
        stop = true
        await disturbing
      }
    })

    it('says what is wrong with a query', async () => {
      const wrong = [
        ['/data?name=Ada', /name:eq=Ada/],
        ['/data?limt=1', /Did you mean limit/],
        ['/data?a:like=1', /Did you mean contains/],
        ['/data?a:gt=null', /"null"/],
        ['/data?sort=a&after=abc&limit=1', /Link/],
        ['/data?$where:eq=1', /begins with \$/],
        ['/data?sort=-$natural&limit=1', /begins with \$/],
        ['/data?limit=0', /1 to 10000/],
        ['/data?a:eq=Z%FCrich', /%FC.*not UTF-8/],
        ['/data?fields=%ED%A0%80', /not UTF-8/],
      ] as const
      for (const [path, why] of wrong) {
        const answer = await get(path)
        assert.equal(answer.status, 400, path)
        assert.equal(answer.member('code'), 'invalid_query')
        assert.match(String(answer.member('detail')), why)
      }
      const other = nextOf(await get('/data?sort=v&limit=1'))
      const mixed = await get(String(other).replace('sort=v', 'sort=-v'))
      assert.equal(mixed.status, 400)
      assert.match(String(mixed.member('detail')), /another query/)
      const cursor = String(other).split('after=')[1] ?? ''
      for (const made of [`${cursor}AAAA`, cursor.slice(0, -4), cursor.slice(0, 20)]) {
        assert.equal((await get(`/data?sort=v&limit=1&after=${made}`)).status, 400, made)
      }
      const unlimited = await get('/data?sort=w')
      assert.equal(unlimited.status, 422)
      assert.equal(unlimited.member('code'), 'index_needed')
      assert.match(String(unlimited.member('detail')), /"w" needs a limit.*INDEXES=(?:.+,)?w$/)
      for (const method of ['PUT', 'DELETE', 'POST']) {
        const path = method === 'POST' ? '/data?dryrun=true' : '/data/s1?dryrun=true'
        const answer = await service.client.send(method, path, { body: '{}', headers: json })
        assert.equal(answer.status, 400, method)
      }
      assert.equal((await service.client.get('/data/s1?fields=v')).status, 400)
    })

    it('refuses a QUERY that could not be meant', async () => {
      const refused = async (body: string, headers: Record<string, string> = json) =>
        service.client.send('QUERY', '/data', { body, headers })
      assert.equal((await refused('{"where":')).member('code'), 'invalid_json')
      assert.equal((await refused('{"limit":1,"limit":2}')).member('code'), 'invalid_query')
      assert.equal((await refused('{"where":["eq","a",1e400]}')).status, 400)
      assert.equal((await refused('{"where":{"$where":"sleep(1000)"}}')).status, 400)
      assert.equal(
        (await refused(`{"where":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)).status,
        400,
      )
      assert.equal((await refused(`{"after":"${'x'.repeat(70_000)}"}`)).status, 413)
      const form = await refused('{}', { 'content-type': 'text/plain' })
      assert.equal(form.status, 415)
      assert.equal(form.headers.get('accept-query'), 'application/json')
    })

    it('reads a QUERY with a byte order mark', async () => {
      await fill(['{"_id":"a","n":1}', '{"_id":"b","n":2}'])
      assert.deepEqual(idsOf(await query('\ufeff{"where":["eq","n",2]}')), ['b'])
    })

    it('answers as an array, or one document per line', async () => {
      await fill(['{"_id":"a","n":1}', '{"_id":"b","n":2}'])
      assert.equal(
        (await service.client.get('/data?n:gt=0')).text,
        '[{"_id":"a","n":1},\n{"_id":"b","n":2}]\n',
      )
      assert.equal((await service.client.get('/data?n:gt=5')).text, '[]\n')
      assert.equal((await get('/data?n:gt=1')).text, '{"_id":"b","n":2}\n')
      assert.equal((await get('/data?n:gt=5')).text, '')
    })
  })
}
