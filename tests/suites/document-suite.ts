// One document over real sockets: at its address, and any of them on its way in and out; the same for every store.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { anyDocument, withFault } from '../support/any-json.ts'
import { type Client, deleteAll } from '../support/client.ts'
import { countries } from '../support/countries.ts'
import { parseExact, stringifyExact, withoutId } from '../support/exact-json.ts'
import { type RunningService, runService } from '../support/running-service.ts'

const ndjson = { 'content-type': 'application/x-ndjson' }

/** Defines the suite for a store. `open` opens one that is empty. */
export function documentSuite(name: string, open: () => Promise<DocumentStore>): void {
  describe(`a document, on ${name}`, () => {
    let service: RunningService
    let api: Client
    before(async () => {
      service = await runService(await open(), { maxBody: 40 << 20 })
      api = service.client
    })
    after(() => service.close())

    describe('GET, PUT and DELETE /data/{id}', () => {
      it('answers 404 for a document that is not there', async () => {
        for (const method of ['GET', 'DELETE']) {
          const answer = await api.send(method, '/data/nobody')
          assert.equal(answer.status, 404)
          assert.equal(answer.member('code'), 'not_found')
        }
        assert.equal((await api.send('HEAD', '/data/nobody')).status, 404)
      })

      it('puts a document there and replaces it', async () => {
        const put = (body: string, headers: Record<string, string> = {}) =>
          api.send('PUT', '/data/p', {
            body,
            headers: { 'content-type': 'application/json', ...headers },
          })
        const created = await put('{"n":1,"old":true}')
        assert.equal(created.status, 201)
        assert.equal(created.headers.get('location'), '/data/p')
        assert.equal((await put('{"_id":"p","n":2}')).status, 200)
        const read = await api.get('/data/p')
        assert.deepEqual(read.json(), { _id: 'p', n: 2 })
        assert.equal((await put('{"_id":"q"}')).status, 422)
        assert.equal((await put('[{"a":1}]')).status, 422)
        assert.equal((await put('{"n":3}', { 'content-type': 'text/plain' })).status, 415)
      })

      it('answers with an entity tag, and 304 to a client that has the document', async () => {
        const read = await api.get('/data/p')
        const etag = read.headers.get('etag') ?? ''
        assert.match(etag, /^"[\w-]{22}"$/)
        for (const tags of [etag, `"x", ${etag}`, `W/${etag}`, '*']) {
          const fresh = await api.get('/data/p', { 'if-none-match': tags })
          assert.equal(fresh.status, 304, tags)
          assert.equal(fresh.headers.get('etag'), etag)
          assert.equal(fresh.text, '')
        }
        assert.equal((await api.get('/data/p', { 'if-none-match': '"x"' })).status, 200)
      })

      it('writes only if If-Match and If-None-Match agree', async () => {
        const write = (method: string, headers: Record<string, string>, body = '{"n":9}') =>
          api.send(method, '/data/p', {
            ...(method === 'PUT' ? { body } : {}),
            headers: { 'content-type': 'application/json', ...headers },
          })
        const etag = (await api.get('/data/p')).headers.get('etag') ?? ''
        assert.equal((await write('PUT', { 'if-match': '"other"' })).status, 412)
        assert.equal((await write('PUT', { 'if-none-match': '*' })).status, 412)
        assert.equal((await write('PUT', { 'if-none-match': `W/${etag}` })).status, 412)
        assert.equal((await write('DELETE', { 'if-match': '"other"' })).status, 412)
        const changed = await write('PUT', { 'if-match': etag })
        assert.equal(changed.status, 200)
        const next = changed.headers.get('etag') ?? ''
        assert.equal((await api.get('/data/p')).headers.get('etag'), next)
        assert.equal((await write('PUT', { 'if-match': etag })).status, 412)
        assert.equal((await write('DELETE', { 'if-match': next })).status, 204)
        assert.equal((await write('PUT', { 'if-match': '*' })).status, 412)
        assert.equal((await write('PUT', { 'if-none-match': '*' })).status, 201)
        await deleteAll(api)
      })

      it('finds an ObjectId that is written in upper case in the address', async () => {
        const id = String((await api.post('{"n":1}')).member('_id'))
        assert.deepEqual((await api.get(`/data/${id.toUpperCase()}`)).json(), { _id: id, n: 1 })
        await deleteAll(api)
      })

      it('refuses an address that cannot be decoded', async () => {
        assert.equal((await api.get('/data/%zz')).status, 400)
        assert.equal((await api.get('/data/%ff')).status, 400)
        const path = `/data/${'a'.repeat(257)}`
        const body = { body: '{}', headers: { 'content-type': 'application/json' } }
        assert.equal((await api.send('PUT', path, body)).status, 422)
      })
    })

    describe('a document on its way through the service', () => {
      it('comes back equal, whatever it holds', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(anyDocument, { minLength: 1, maxLength: 12 }),
            async (documents) => {
              const texts = documents.map(stringifyExact)
              const answer = await api.post(`[${texts.join(',')}]`)
              assert.equal(answer.status, 201, answer.text)
              for (const [index, id] of answer.items('ids').entries()) {
                const { text } = await api.get(`/data/${id}`)
                assert.deepEqual(withoutId(parseExact(text)), parseExact(texts[index] ?? ''))
              }
            },
          ),
          { numRuns: 40 },
        )
      })

      it('names the place of what it refuses', async () => {
        await fc.assert(
          fc.asyncProperty(withFault, async ({ text, code, pointer }) => {
            const answer = await api.post(text)
            assert.equal(answer.status, 422)
            assert.deepEqual([answer.member('code'), answer.member('pointer')], [code, pointer])
          }),
          { numRuns: 40 },
        )
        await deleteAll(api)
      })

      it('keeps every country of the world, as an array and as lines', async () => {
        const array = await api.post(JSON.stringify(countries))
        assert.equal(array.status, 201)
        assert.deepEqual((await api.get('/data')).items().map(withoutId), countries)
        await deleteAll(api)
        const lines = countries.map((country) => JSON.stringify(country)).join('\n')
        assert.equal((await api.post(lines, ndjson)).status, 201)
        assert.deepEqual((await api.get('/data')).items().map(withoutId), countries)
        await deleteAll(api)
      })

      it('keeps deep and wide documents', async () => {
        const deep = `{"_id":"deep","a":${'['.repeat(99)}1${']'.repeat(99)}}`
        const members = Array.from({ length: 20_000 }, (_, n) => `"k${n}":${n}`)
        const wide = `{"_id":"wide",${members.join(',')}}`
        for (const text of [deep, wide]) assert.equal((await api.post(text)).status, 201)
        assert.deepEqual((await api.get('/data/deep')).json(), JSON.parse(deep))
        assert.equal((await api.get('/data/wide')).text, `${wide}\n`)
        await deleteAll(api)
      })
    })
  })
}
