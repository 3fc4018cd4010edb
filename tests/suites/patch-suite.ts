// PATCH over HTTP, on every store: atomic, exact, and refused with its reason.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { type RunningService, runService } from '../support/running-service.ts'

const merge = 'application/merge-patch+json'
const operations = 'application/json-patch+json'
const json = { 'content-type': 'application/json' }

/** Defines the suite for a store. `open` opens one that is empty. */
export function patchSuite(name: string, open: () => Promise<DocumentStore>): void {
  describe(`PATCH, on ${name}`, () => {
    let service: RunningService
    before(async () => {
      service = await runService(await open(), { maxBody: 1 << 20 })
    })
    after(() => service.close())

    const put = async (id: string, body: string) => {
      const answer = await service.client.send('PUT', `/data/${id}`, { body, headers: json })
      assert.ok(answer.status < 300, answer.text)
      return answer.headers.get('etag') ?? ''
    }
    const get = async (id: string) => (await service.client.get(`/data/${id}`)).text
    const patch = (id: string, type: string, body: string, headers: Record<string, string> = {}) =>
      service.client.send('PATCH', `/data/${id}`, {
        body,
        headers: { 'content-type': type, ...headers },
      })

    it('merges, and answers with the new entity tag', async () => {
      const before = await put('m', '{"a":1,"b":{"c":2,"d":[1]},"n":9007199254740993}')
      const answer = await patch('m', merge, '{"a":null,"b":{"c":3,"e":4},"f":{"g":null}}')
      assert.equal(answer.status, 200)
      assert.deepEqual(answer.json(), { status: 'Data changed', _id: 'm' })
      const expected = '{"_id":"m","b":{"c":3,"d":[1],"e":4},"n":9007199254740993,"f":{}}\n'
      assert.equal(await get('m'), expected)
      const tag = answer.headers.get('etag')
      assert.notEqual(tag, before)
      assert.equal((await service.client.get('/data/m')).headers.get('etag'), tag)
    })

    it('leaves a document that can be sent whole, by the bytes of its JSON', async () => {
      await put('long', `{"a":[${'1,'.repeat(300_000)}1]}`)
      assert.equal((await patch('long', merge, '{"b":1}')).status, 200)
      const more = await patch('long', merge, `{"c":"${'x'.repeat(500_000)}"}`)
      assert.equal(more.status, 413)
      assert.equal(more.member('code'), 'body_too_large')
      assert.match(await get('long'), /,"b":1}\n$/)
    })

    it('does operations in their order, all or none', async () => {
      await put('o', '{"list":[1,2],"n":1}')
      const done = await patch(
        'o',
        operations,
        '[{"op":"test","path":"/n","value":1},{"op":"add","path":"/list/-","value":null},{"op":"move","from":"/n","path":"/m"}]',
      )
      assert.equal(done.status, 200)
      assert.equal(await get('o'), '{"_id":"o","list":[1,2,null],"m":1}\n')
      const failed = await patch(
        'o',
        operations,
        '[{"op":"replace","path":"/m","value":2},{"op":"test","path":"/list/0","value":5}]',
      )
      assert.equal(failed.status, 409)
      assert.equal(failed.member('code'), 'patch_test_failed')
      assert.equal(failed.member('pointer'), '/1')
      const nowhere = await patch('o', operations, '[{"op":"remove","path":"/none"}]')
      assert.equal(nowhere.member('code'), 'patch_not_possible')
      assert.equal(await get('o'), '{"_id":"o","list":[1,2,null],"m":1}\n')
    })

    it('keeps to If-Match and If-None-Match', async () => {
      const tag = await put('c', '{"n":1}')
      const stale = '"0000000000000000000000"'
      assert.equal((await patch('c', merge, '{"n":2}', { 'if-match': stale })).status, 412)
      assert.equal((await patch('c', merge, '{"n":2}', { 'if-none-match': tag })).status, 412)
      assert.equal((await patch('c', merge, '{"n":2}', { 'if-none-match': '*' })).status, 412)
      assert.equal(await get('c'), '{"_id":"c","n":1}\n')
      assert.equal((await patch('c', merge, '{"n":2}', { 'if-match': tag })).status, 200)
      assert.equal((await patch('c', merge, '{"n":3}', { 'if-match': tag })).status, 412)
      assert.equal((await patch('c', merge, '{"n":3}', { 'if-match': '*' })).status, 200)
      assert.equal((await patch('none', merge, '{}', { 'if-match': '*' })).status, 412)
      assert.equal((await patch('none', merge, '{}')).status, 404)
      assert.equal((await service.client.get('/data/none')).status, 404)
    })

    it('cannot change the _id', async () => {
      await put('i', '{"n":1}')
      for (const [type, body] of [
        [merge, '{"_id":"j"}'],
        [merge, '{"_id":null}'],
        [operations, '[{"op":"replace","path":"/_id","value":"j"}]'],
        [operations, '[{"op":"remove","path":"/_id"}]'],
      ] as const) {
        const answer = await patch('i', type, body)
        assert.equal(answer.status, 422, body)
        assert.equal(answer.member('code'), 'invalid_id')
      }
      assert.equal((await patch('i', merge, '{"_id":"i","n":2}')).status, 200)
      assert.equal(await get('i'), '{"_id":"i","n":2}\n')
    })

    it('refuses what it cannot understand, and says what it takes', async () => {
      await put('r', '{"n":1}')
      const plain = await patch('r', 'application/json', '{"n":2}')
      assert.equal(plain.status, 415)
      assert.equal(plain.headers.get('accept-patch'), `${merge}, ${operations}`)
      assert.equal((await patch('r', merge, '{"n":')).member('code'), 'invalid_json')
      assert.equal((await patch('r', merge, '{"a":1,"a":2}')).member('code'), 'duplicate_key')
      assert.equal((await patch('r', merge, '{"$set":1}')).member('code'), 'key_not_allowed')
      assert.equal((await patch('r', merge, '[]')).member('code'), 'invalid_patch')
      assert.equal((await patch('r', operations, '{}')).member('code'), 'invalid_patch')
      assert.equal(
        (await patch('r', operations, '[{"op":"add","path":"/$x","value":1}]')).status,
        422,
      )
      assert.equal((await patch('r', merge, '{"n":1e400}')).status, 422)
      const whole = await service.client.send('PATCH', '/data', {
        body: '{}',
        headers: { 'content-type': merge },
      })
      assert.equal(whole.status, 405)
      const options = await service.client.send('OPTIONS', '/data/r')
      assert.match(options.headers.get('allow') ?? '', /PATCH/)
      assert.equal(options.headers.get('accept-patch'), `${merge}, ${operations}`)
      const all = await service.client.send('OPTIONS', '/data')
      assert.equal(all.headers.get('accept-query'), 'application/json')
      assert.equal(await get('r'), '{"_id":"r","n":1}\n')
    })

    it('lets no document grow beyond what could be sent whole', async () => {
      await put('g', `{"a":"${'x'.repeat(900_000)}"}`)
      assert.equal((await patch('g', merge, `{"b":"${'x'.repeat(200_000)}"}`)).status, 413)
      assert.equal((await patch('g', merge, '{"b":1}')).status, 200)
      assert.equal((await patch('g', merge, '{"a":null}')).status, 200)
      assert.equal(await get('g'), '{"_id":"g","b":1}\n')
    })

    it('loses no step of a counter that 32 clients count', async () => {
      await put('n', '{"n":0}')
      const steps = 2
      const count = async () => {
        for (let done = 0; done < steps; ) {
          const n = Number(JSON.parse(await get('n')).n)
          const step = `[{"op":"test","path":"/n","value":${n}},{"op":"replace","path":"/n","value":${n + 1}}]`
          const answer = await patch('n', operations, step)
          if (answer.status === 200) done++
          else assert.equal(answer.member('code'), 'patch_test_failed', answer.text)
        }
      }
      await Promise.all(Array.from({ length: 32 }, count))
      assert.equal(await get('n'), `{"_id":"n","n":${32 * steps}}\n`)
    })

    it('loses none of the members that 32 clients merge', async () => {
      await put('s', '{"shared":{}}')
      const change = async (client: number) => {
        for (let step = 1; step <= 5; step++) {
          const answer = await patch(
            's',
            merge,
            `{"shared":{"c${client}":${step}},"m${client}":${step}}`,
          )
          assert.equal(answer.status, 200, answer.text)
        }
      }
      await Promise.all(Array.from({ length: 32 }, (_, client) => change(client)))
      const { shared, _id, ...rest } = JSON.parse(await get('s'))
      const expected = (prefix: string) =>
        Object.fromEntries(Array.from({ length: 32 }, (_, client) => [`${prefix}${client}`, 5]))
      assert.deepEqual(shared, expected('c'))
      assert.deepEqual(rest, expected('m'))
    })
  })
}
