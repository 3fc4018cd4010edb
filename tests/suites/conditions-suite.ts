// If-Match and If-None-Match on one document: what matches, what never can, and what the answer says.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { DocumentStore } from '../../src/store/document-store.ts'
import type { Answer, Client } from '../support/client.ts'
import { type RunningService, runService } from '../support/running-service.ts'

const json = { 'content-type': 'application/json' }

/** Defines the suite for a store. */
export function conditionsSuite(name: string, open: () => Promise<DocumentStore>): void {
  describe(`conditions, on ${name}`, () => {
    let service: RunningService
    let api: Client
    let etag = ''
    before(async () => {
      service = await runService(await open())
      api = service.client
      await api.send('PUT', '/data/a', { body: '{"n":1}', headers: json })
      etag = (await api.get('/data/a')).headers.get('etag') ?? ''
    })
    after(() => service.close())

    const put = (headers: Record<string, string>) =>
      api.send('PUT', '/data/a', { body: '{"n":1}', headers: { ...json, ...headers } })
    const detail = (answer: Answer) => String(answer.member('detail'))

    it('says that a weak tag never matches, and which to send', async () => {
      for (const sent of [`W/${etag}`, `"x", W/${etag}`]) {
        const answer = await put({ 'if-match': sent })
        assert.equal(answer.status, 412)
        assert.match(detail(answer), /weak, as a proxy that compresses/)
        assert.ok(detail(answer).endsWith(`Send ${etag}.`), detail(answer))
      }
      const other = await put({ 'if-match': 'W/"of-another-service"' })
      assert.match(detail(other), /without W\//)
      assert.equal((await put({ 'if-match': `W/"x", ${etag}` })).status, 200)
    })

    it('names what a proxy appended to a tag', async () => {
      for (const added of ['-gzip', '--gzip', ';br', '-zstd']) {
        const answer = await put({ 'if-match': `${etag.slice(0, -1)}${added}"` })
        assert.equal(answer.status, 412)
        assert.ok(detail(answer).includes(`ends in ${added}`), detail(answer))
        assert.ok(detail(answer).endsWith(`Send ${etag}.`))
      }
    })

    it('refuses with 400 what is not a list of tags, and writes nothing', async () => {
      const bare = etag.slice(1, -1)
      const headers = [
        [bare, `Send If-Match: ${etag}`],
        [`'${bare}'`, 'not an entity tag'],
        [`"${bare}`, 'not an entity tag'],
        [`${etag} ${etag}`, 'not an entity tag'],
        [`*, ${etag}`, 'alone'],
        [`${etag}, *`, 'alone'],
        [' ', 'is empty'],
        [' , ,', 'is empty'],
        ['w/"x"', 'not an entity tag'],
        ['x'.repeat(4000), 'x"...'],
      ] as const
      for (const [header, says] of headers) {
        for (const method of ['GET', 'DELETE']) {
          const answer = await api.send(method, '/data/a', { headers: { 'if-match': header } })
          assert.equal(answer.status, 400, header)
          assert.equal(answer.member('code'), 'bad_request')
          assert.ok(detail(answer).includes(says), detail(answer))
          assert.ok(detail(answer).length < 300)
        }
        const none = await put({ 'if-none-match': header })
        assert.equal(none.status, 400, header)
        assert.match(detail(none), /^If-None-Match /)
      }
      assert.equal((await api.get('/data/a')).headers.get('etag'), etag)
    })

    it('reads lists with commas inside tags, empty elements and spaces', async () => {
      for (const list of [`"a,b", ${etag}`, `,, ${etag} ,`, `"",${etag},"\\"`, `"*",${etag}`]) {
        assert.equal((await put({ 'if-match': list })).status, 200, list)
        assert.equal((await api.get('/data/a', { 'if-none-match': list })).status, 304, list)
      }
      assert.equal((await put({ 'if-match': `"a,${etag.slice(1)}` })).status, 412)
    })

    it('looks at If-Match first, for GET and HEAD too', async () => {
      for (const method of ['GET', 'HEAD']) {
        const read = (headers: Record<string, string>) => api.send(method, '/data/a', { headers })
        assert.equal((await read({ 'if-match': '"x"' })).status, 412)
        assert.equal((await read({ 'if-match': '"x"', 'if-none-match': etag })).status, 412)
        assert.equal((await read({ 'if-match': etag, 'if-none-match': etag })).status, 304)
        assert.equal((await read({ 'if-match': '*', 'if-none-match': '"x"' })).status, 200)
        const absent = await api.send(method, '/data/none', { headers: { 'if-match': '*' } })
        assert.equal(absent.status, 404)
      }
    })

    it('says of a write what the state is, if the tags are right', async () => {
      assert.match(detail(await put({ 'if-match': '"x"' })), /somebody else has written/)
      assert.match(detail(await put({ 'if-none-match': '*' })), /there is one/)
      assert.match(detail(await put({ 'if-none-match': `W/${etag}` })), /excludes/)
    })
  })
}
