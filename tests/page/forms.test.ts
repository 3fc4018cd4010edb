// The forms of the page over real sockets, without a browser: what they write, and what they refuse.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { encode } from '../suites/store-contract.ts'
import { countries } from '../support/countries.ts'
import { etagIn, type PageClient, pageClient, shownIds, unquoted } from '../support/page-client.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
// The lines of the difference that only one of the two texts has.
const markedIn = (text: string, tag: 'del' | 'ins') =>
  [...text.matchAll(new RegExp(`<${tag}>((?:(?!</${tag}>)[^])*)\n</${tag}>`, 'g'))]
    .map(([, line = '']) => line.replace(/<[^>]*>/g, ''))
    .join('\n')

describe('the forms of the page', () => {
  let store: DocumentStore
  let service: RunningService
  let page: PageClient
  before(async () => {
    store = openSqliteStore(join(folder, 'forms.db'))
    service = await runService(store)
    page = await pageClient(service.port)
  })
  after(() => service.close())

  it('adds a document and leads back with 303, so that a reload adds nothing', async () => {
    const added = await page.post('/page/documents', {
      document: '{\n"_id":"new","n":9007199254740993}',
    })
    assert.equal(added.status, 303)
    assert.equal(added.headers.location, '/?added=new#at-new')
    const { text } = await page.get('/?added=new')
    assert.match(text, /<a href="\/page\/documents\/new"><code>new<\/code><\/a> is stored\./)
    assert.deepEqual(shownIds(text), ['new'])
    assert.match(text, /9007199254740993/)
    assert.equal((await page.get('/page/documents')).headers.location, '/')
    await store.remove('new')
  })

  it('shows a fault at its place and keeps the text', async () => {
    const cases: [number, string, string, RegExp][] = [
      [400, '{"a": 1,\n  "b": oops}', 'oops}', /Line 2, column 8/],
      [422, '{"a": 1,\n  "b": 1e999}', '"b": 1e999}', /Line 2, column 3 at <code>\/b<\/code>/],
      [422, '["x"]', '["x"]', /Line 1, column 1/],
    ]
    for (const [status, document, from, where] of cases) {
      const answer = await page.post('/page/documents', { document })
      assert.equal(answer.status, status, document)
      assert.match(answer.text, where)
      const [, offset, shown] =
        /data-fault="(\d+)"[^>]*>\n([\s\S]*?)<\/textarea>/.exec(answer.text) ?? []
      assert.equal(unquoted(shown), document)
      assert.equal(document.slice(Number(offset)), from)
    }
  })

  it('shows that an _id is taken, at the _id', async () => {
    await store.replace(encode({ _id: 'taken' }))
    const { status, text } = await page.post('/page/documents', { document: '{"_id":"taken"}' })
    assert.equal(status, 409)
    assert.match(text, /column 2 at <code>\/_id<\/code>/)
    await store.remove('taken')
  })

  it('saves and removes what still is as it was opened', async () => {
    await store.replace(encode({ _id: 'edit me/?', b: 1, a: 2 }))
    const address = '/page/documents/edit%20me%2F%3F'
    const shown = await page.get(address)
    assert.match(shown.text, /&quot;b&quot;: 1,\n {2}&quot;a&quot;: 2/)
    const etag = unquoted(etagIn(shown.text))
    const saved = await page.post(address, { do: 'save', etag, document: '{"z":1}' })
    assert.equal(saved.status, 303)
    assert.equal(saved.headers.location, '/?saved=edit%20me%2F%3F#at-edit%20me%2F%3F')
    const later = unquoted(etagIn((await page.get(address)).text))
    assert.notEqual(later, etag)
    const removed = await page.post(address, { do: 'remove', etag: later })
    assert.equal(removed.headers.location, '/?removed=edit%20me%2F%3F#at-edit%20me%2F%3F')
    assert.equal((await page.get(address)).status, 404)
    assert.equal((await page.post(address, { do: 'remove', etag: later })).status, 303)
  })

  it('writes nothing over what somebody else wrote, and shows both versions', async () => {
    await store.replace(encode({ _id: 'both', n: 1 }))
    const address = '/page/documents/both'
    const etag = unquoted(etagIn((await page.get(address)).text))
    await store.replace(encode({ _id: 'both', n: 'theirs' }))
    const conflict = await page.post(address, { do: 'save', etag, document: '{"n":"mine"}' })
    assert.equal(conflict.status, 412)
    assert.match(conflict.text, /someone else saved this document while you were editing/i)
    assert.match(markedIn(conflict.text, 'del'), /^- {3}"n": "theirs"$/)
    assert.match(markedIn(conflict.text, 'ins'), /^\+ {3}"n": "mine"$/)
    assert.match(conflict.text, /<textarea[^>]*>\n\{&quot;n&quot;:&quot;mine&quot;\}<\/textarea>/)
    assert.equal((await page.post(address, { do: 'remove', etag })).status, 412)
    assert.deepEqual((await service.client.get('/data/both')).json(), { _id: 'both', n: 'theirs' })

    const over = unquoted(etagIn(conflict.text))
    assert.equal(
      (await page.post(address, { do: 'save', etag: over, document: '{"n":"mine"}' })).status,
      303,
    )
    await store.remove('both')
  })

  it('offers to put back what somebody removed, and only while it is not there', async () => {
    const address = '/page/documents/gone'
    await store.replace(encode({ _id: 'gone' }))
    const etag = unquoted(etagIn((await page.get(address)).text))
    await store.remove('gone')
    const conflict = await page.post(address, { do: 'save', etag, document: '{"n":1}' })
    assert.equal(conflict.status, 412)
    assert.match(conflict.text, /Someone else deleted this document while you were editing/)
    assert.match(conflict.text, /Keep it deleted[\s\S]*Store mine again/)
    assert.equal(etagIn(conflict.text), '')
    const again = { do: 'save', etag: '', document: '{"n":1}' }
    assert.equal((await page.post(address, again)).status, 303)
    assert.equal((await page.post(address, again)).status, 412)
    await store.remove('gone')
  })

  it('deletes nothing that somebody else has saved, and says so', async () => {
    await store.replace(encode({ _id: 'kept', n: 1 }))
    const address = '/page/documents/kept'
    const etag = unquoted(etagIn((await page.get(address)).text))
    await store.replace(encode({ _id: 'kept', n: 'theirs' }))
    const { status, text } = await page.post(address, { do: 'remove', etag })
    assert.equal(status, 412)
    assert.match(
      text,
      /Someone else saved this document after you opened it\. Nothing was deleted\./,
    )
    assert.match(text, /Delete it anyway[\s\S]*Keep theirs/)
    const now = unquoted(etagIn(text))
    assert.equal((await page.post(address, { do: 'remove', etag: now })).status, 303)
  })

  it('marks one line of a difference, however the text was laid out', async () => {
    const country = JSON.stringify(Object.assign({}, countries[0], { _id: 'line' }))
    const document = await new DocumentParser().parseDocument(Buffer.from(country), 'line')
    await store.replace(document)
    const address = '/page/documents/line'
    const etag = unquoted(etagIn((await page.get(address)).text))
    await store.replace(encode({ _id: 'line' }))
    const theirs = await page.post(address, { do: 'save', etag, document: '{}' })
    assert.match(theirs.text, /Nothing: both are the same\./)
    await store.replace(document)
    const mine = country.replace('"cca3":"', '"cca3":"x')
    const { text } = await page.post(address, { do: 'save', etag: '"other"', document: mine })
    assert.match(markedIn(text, 'del'), /^- +"cca3": "\w{3}",$/)
    assert.match(markedIn(text, 'ins'), /^\+ +"cca3": "x\w{3}",$/)
    assert.match(text, /<em>\d+ equal lines<\/em>/)
    await store.remove('line')
  })

  it('asks before it removes, and names the document', async () => {
    await store.replace(encode({ _id: 'asked', n: 1 }))
    const { text } = await page.get('/page/removals/asked')
    assert.match(text, /Delete <code>asked<\/code> for good\?/)
    assert.match(text, /"n"<\/i>: <var>1<\/var>/)
    const sent = { do: 'remove', etag: unquoted(etagIn(text)) }
    assert.equal((await page.post('/page/documents/asked', sent)).status, 303)
    assert.equal((await page.get('/page/removals/asked')).status, 404)
  })

  it('keeps the entity tag of the opened version when the text has a fault', async () => {
    await store.replace(encode({ _id: 'f', n: 1 }))
    const etag = unquoted(etagIn((await page.get('/page/documents/f')).text))
    await store.replace(encode({ _id: 'f', n: 2 }))
    const fault = await page.post('/page/documents/f', { do: 'save', etag, document: '{' })
    assert.equal(fault.status, 400)
    assert.equal(unquoted(etagIn(fault.text)), etag)
    await store.remove('f')
  })

  it('refuses a form that another site has sent, and writes nothing', async () => {
    const fields = { document: '{"_id":"evil"}' }
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const { status, text } = await page.post('/page/documents', fields, headers)
      assert.equal(status, 403)
      assert.match(text, /"code":"cross_site"/)
    }
    assert.equal(await store.get('evil'), undefined)
    const own = { 'sec-fetch-site': 'same-origin', origin: 'https://behind-a-proxy.example' }
    assert.equal((await page.post('/page/documents', fields, own)).status, 303)
    await store.remove('evil')
  })
})
