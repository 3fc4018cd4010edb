// The page over real sockets, without a browser: what it sends.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { DocumentParser } from '../../src/codec/document-parser.ts'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { encode } from '../suites/store-contract.ts'
import { countries } from '../support/countries.ts'
import { etagIn, type PageClient, pageClient, shownIds, unquoted } from '../support/page-client.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
// What the page loads, and what that loads in turn.
const files = ['style.css', 'icon.svg', 'live.js', 'clocks.js', 'dialog.js', 'forms.js', 'list.js']

describe('the page', () => {
  let store: DocumentStore
  let service: RunningService
  let page: PageClient
  before(async () => {
    store = openSqliteStore(join(folder, 'page.db'))
    service = await runService(store)
    page = await pageClient(service.port)
  })
  after(() => service.close())

  it('is HTML for a browser and a line of text for anything else, and says so in Vary', async () => {
    const html = await page.get('/')
    assert.equal(html.status, 200)
    assert.equal(html.headers['content-type'], 'text/html; charset=utf-8')
    assert.match(String(html.headers.vary), /\bAccept\b(?!-)/)
    const line = await page.get('/', { accept: '*/*' })
    assert.match(line.text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$/)
    assert.equal(line.headers.vary, 'Accept')
  })

  it('lets in nothing but its own files, and has no script or style within', async () => {
    const { text, headers } = await page.get('/')
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/)
    assert.doesNotMatch(
      text,
      /<style|style=|<script(?! type="module" src="\/page\/live.js"><)|\son\w+=/,
    )
    for (const [, address] of text.matchAll(/(?:src|href|action)="([^"]*)"/g)) {
      assert.match(address ?? '', /^\/(?!\/)/)
    }
  })

  it('says which time it is here, in which zone, and which pod and store answered', async () => {
    const { text } = await page.get('/')
    const [, instant = '', zone] = /<time datetime="([^"]+)" data-zone="([^"]+)"/.exec(text) ?? []
    assert.ok(Math.abs(Date.parse(instant) - Date.now()) < 5000)
    assert.equal(zone, new Intl.DateTimeFormat().resolvedOptions().timeZone)
    assert.match(text, /Answered by <b id="pod">[^<]+<\/b> from <b>SQLite<\/b>/)
  })

  it('keeps the place in the list on the way to a document and back', async () => {
    await store.insert(Array.from({ length: 25 }, (_, n) => encode({ _id: `p${10 + n}` })))
    const list = await page.get('/?before=p15')
    assert.match(list.text, /<li class="card" data-id="p14" [^>]*id="at-p14"/)
    for (const path of ['/page/documents/p14?before=p15', '/page/removals/p14?before=p15']) {
      assert.ok(list.text.includes(`href="${path}"`), path)
      const { status, text } = await page.get(path)
      assert.equal(status, 200)
      assert.equal(text.match(/href="\/\?before=p15#at-p14"/g)?.length, 2)
      assert.match(text, /action="\/page\/documents\/p14\?before=p15[#"]/)
    }
    const address = '/page/documents/p14?before=p15'
    const etag = unquoted(etagIn((await page.get(address)).text))
    const fault = await page.post(address, { do: 'save', etag, document: '{' })
    assert.match(fault.text, /href="\/\?before=p15#at-p14"/)
    const saved = await page.post(address, { do: 'save', etag, document: '{"n":1}' })
    assert.equal(saved.headers.location, '/?before=p15&saved=p14#at-p14')
    const { text } = await page.get('/?before=p15&saved=p14')
    assert.match(text, /data-id="p14"[\s\S]*?<details open>[\s\S]*?p14<\/code><\/a> is stored\./)
    for (let n = 10; n < 35; n++) await store.remove(`p${n}`)
  })

  it('filters and sorts, counts, and pages, by an address that can be shared', async () => {
    const born = (n: number) => encode({ _id: `q${10 + n}`, born: 1800 + n, odd: n % 2 === 1 })
    await store.insert(Array.from({ length: 60 }, (_, n) => born(n)))
    const first = await page.get('/?where=born%3Alt%3D1850%26odd%3Aeq%3Dtrue&sort=-born')
    assert.equal(first.status, 200)
    assert.match(first.text, /<b>25<\/b> documents match, by <code>-born<\/code>\./)
    const odd = Array.from({ length: 25 }, (_, n) => `q${10 + 49 - 2 * n}`)
    assert.deepEqual(shownIds(first.text), odd.slice(0, 20))
    assert.match(first.text, /<details class="ask" open>/)
    assert.match(first.text, /name="where" value="born:lt=1850&amp;odd:eq=true"/)
    assert.match(first.text, /name="sort" value="-born"/)
    assert.doesNotMatch(first.text, /id="newest"/)
    const [, next = ''] = /rel="next" href="([^"#]*)#list"/.exec(first.text) ?? []
    const second = await page.get(next.replaceAll('&amp;', '&'))
    assert.deepEqual(shownIds(second.text), odd.slice(20))
    assert.match(
      second.text,
      /href="\/\?where=born:lt%3D1850%26odd:eq%3Dtrue&amp;sort=-born#list">First/,
    )

    const newest = await page.get('/?where=born:gte=1858&sort=')
    assert.match(newest.text, /<b>2<\/b> documents match, newest first\./)
    assert.deepEqual(shownIds(newest.text), ['q69', 'q68'])
    const sorted = await page.get('/?sort=_id')
    assert.match(sorted.text, /<b>60<\/b> documents, by <code>_id<\/code>\./)
    assert.deepEqual(shownIds(sorted.text)[0], 'q10')
    const none = await page.get('/?where=born:gt=3000')
    assert.match(none.text, /<b>0<\/b> documents match/)
    assert.match(none.text, /There are none on this page\./)
    assert.match((await page.get('/?where=+&sort=')).text, /newest first: assigned/)
    for (let n = 0; n < 60; n++) await store.remove(`q${10 + n}`)
  })

  it('keeps what was asked for on the way to a document and back', async () => {
    await store.replace(encode({ _id: 'way', born: 1815 }))
    const { text } = await page.get('/?where=born:eq=1815&sort=born')
    const [, path = ''] = /href="(\/page\/documents\/way[^"]*)"/.exec(text) ?? []
    const address = path.replaceAll('&amp;', '&')
    const shown = await page.get(address)
    assert.match(shown.text, /href="\/\?where=born:eq%3D1815&amp;sort=born#at-way"/)
    const etag = unquoted(etagIn(shown.text))
    const saved = await page.post(address, { do: 'save', etag, document: '{"born":1816}' })
    const list = String(saved.headers.location)
    assert.equal(list, '/?where=born:eq%3D1815&sort=born&saved=way#at-way')
    const after = await page.get(list.replace(/#.*/, ''))
    assert.match(after.text, /way<\/code><\/a> is stored\./)
    assert.match(after.text, /<b>0<\/b> documents match/)
    await store.remove('way')
  })

  it('shows what is wrong with a filter or a sort at its place, and reads no document', async () => {
    const cases: [string, string, string, RegExp][] = [
      [
        'where',
        'a:eq=1&name=Ada & b:eq=2',
        'name=Ada',
        /path:operator=value, such as &quot;name:eq=Ada/,
      ],
      ['where', 'a:eq=1& b:like=2', 'b:like=2', /Did you mean contains\?/],
      ['where', 'company:eq="A&B"&$where:eq=1', '$where:eq=1', /begins with \$/],
      ['where', 'Europe', 'Europe', /such as region:eq=Europe/],
      [
        'where',
        Array.from({ length: 17 }, (_, n) => `a:eq=${n}`).join('&'),
        'a:eq=16',
        /16 conditions/,
      ],
      ['where', '"'.repeat(2001), '"'.repeat(2001), /2000 characters/],
      ['sort', 'a,a', 'a,a', /a path twice/],
    ]
    for (const [field, typed, wrong, why] of cases) {
      const { status, text } = await page.get(`/?${new URLSearchParams({ [field]: typed })}`)
      assert.equal(status, 400, typed)
      const pattern = new RegExp(
        `<input id="${field}" name="${field}" value="([^"]*)"[^>]* aria-invalid="true" aria-describedby="fault" data-fault="(\\d+)" data-word="(\\d+)"`,
      )
      const [, value, start, length] = pattern.exec(text) ?? []
      assert.equal(unquoted(value).replaceAll('&amp;', '&'), typed)
      assert.equal(typed.slice(Number(start), Number(start) + Number(length)), wrong)
      assert.match(text, why)
      assert.doesNotMatch(text, /id="documents"/)
    }
    const other = await page.get('/?where=a:eq=1&after=none&sort=b')
    assert.equal(other.status, 400)
    assert.match(other.text, /not from a Link of this service/)
  })

  it('opens a document by its _id', async () => {
    const places: [string, string][] = [
      ['CHE', '/page/documents/CHE'],
      ['a b/ä?', '/page/documents/a%20b%2F%C3%A4%3F'],
      ['..', '/page/documents/%22..%22'],
      ['', '/'],
    ]
    for (const [id, location] of places) {
      const { status, headers } = await page.get(`/page/documents?id=${encodeURIComponent(id)}`)
      assert.deepEqual([status, headers.location], [303, location])
    }
  })

  it('says how many documents there are, and how to add one if there are none', async () => {
    const none = await page.get('/')
    assert.match(none.text, /<b>0<\/b> documents, newest first/)
    const commands = [...none.text.matchAll(/<pre tabindex="0">([^<]*)<\/pre>/g)]
    assert.deepEqual(
      commands.map(([, command = '']) => unquoted(command).replaceAll('&#39;', "'").split(' ')[0]),
      ['curl', 'Invoke-RestMethod', 'npm'],
    )
    assert.ok(none.text.includes(`http://127.0.0.1:${service.port}/data`))
    await store.insert(Array.from({ length: 1200 }, (_, n) => encode({ _id: `c${n}` })))
    assert.match((await page.get('/')).text, /<b>1,200<\/b> documents/)
    for (let n = 1; n < 1200; n++) await store.remove(`c${n}`)
    assert.match((await page.get('/')).text, /<b>1<\/b> document,/)
    await store.remove('c0')
  })

  it('shows invisible characters of an _id as their codes', async () => {
    const id = 'a\u202eb\u0000c\u200bd'
    await store.insert([encode({ _id: id, n: 1 })])
    const address = encodeURIComponent(id)
    for (const path of ['/', `/page/documents/${address}`, `/page/removals/${address}`]) {
      const { text } = await page.get(path)
      assert.match(text, />a\\u202eb\\u0000c\\u200bd</, path)
      const shown = text.replace(/ (?:data-)?(?:id|value|name)="[^"]*"/g, '')
      for (const unseen of ['\u202e', '\u0000', '\u200b']) assert.ok(!shown.includes(unseen), path)
    }
    await store.remove(id)
  })

  it('shows markup in a document as text', async () => {
    const evil = '<script>alert(1)</script>'
    await store.replace(
      encode({ _id: '"><img src=x onerror=alert(2)>', [evil]: '</textarea></pre><b>' }),
    )
    const address = `/page/documents/${encodeURIComponent('"><img src=x onerror=alert(2)>')}`
    for (const path of ['/', address, `/?added=${encodeURIComponent(evil)}`, `/page/newest`]) {
      const { text } = await page.get(path)
      assert.doesNotMatch(text, /<script>|<img|<b>(?!\d|<\/b>|SQLite)|<\/pre><b/, path)
      assert.match(text, /&lt;script&gt;/)
    }
    await store.remove('"><img src=x onerror=alert(2)>')
  })

  it('pages through 10,000 documents, newest first, twenty at a time', async (t) => {
    // In a file of their own, which goes at once: to remove each would be 10,000 transactions.
    const store = openSqliteStore(join(folder, 'many.db'))
    const service = await runService(store)
    t.after(() => service.close())
    const page = await pageClient(service.port)
    const all = Array.from({ length: 10_000 }, (_, n) => `d${String(n).padStart(4, '0')}`)
    await store.insert(all.map((_id) => encode({ _id })))
    const seen: unknown[] = []
    let pages = 0
    let path: string | undefined = '/'
    while (path !== undefined) {
      const { text } = await page.get(path)
      const ids = shownIds(text)
      assert.ok(ids.length <= 20)
      pages++
      seen.push(...ids)
      path = /rel="next" href="([^"#]*)/.exec(text)?.[1]
    }
    assert.deepEqual(seen, all.toReversed())
    assert.equal(pages, 500)
  })

  it('shows the beginning of a large document, and ends a page of many such early', async () => {
    const text = 'ä'.repeat(3 << 20)
    await store.insert(['l1', 'l2', 'l3', 'l4'].map((_id) => encode({ _id, text })))
    const answer = await page.get('/')
    assert.ok(answer.body.length < 100_000)
    assert.match(answer.text, /bytes in all/)
    assert.deepEqual(shownIds(answer.text), ['l4'])
    assert.match(answer.text, /href="\/\?before=l4#list"/)
    const one = await page.get('/page/documents/l1')
    assert.match(one.text, /too many for this page/)
    assert.doesNotMatch(one.text, /<textarea/)
    await Promise.all(['l1', 'l2', 'l3', 'l4'].map((id) => store.remove(id)))
  })

  it('gives the list alone with an entity tag that changes with a document', async () => {
    await store.replace(encode({ _id: 'live', n: 1 }))
    const first = await page.get('/page/newest')
    const etag = String(first.headers.etag)
    assert.notEqual(first.headers['x-served-by'], undefined)
    assert.deepEqual(shownIds(first.text), ['live'])
    const again = await page.get('/page/newest', { 'if-none-match': etag })
    assert.equal(again.status, 304)
    assert.equal(again.body.length, 0)
    await store.replace(encode({ _id: 'live', n: 2 }))
    const changed = await page.get('/page/newest', { 'if-none-match': etag })
    assert.equal(changed.status, 200)
    await store.remove('live')
  })

  it('takes less than 30 kB over the wire with twenty countries, style and modules included', async (t) => {
    const gzip = { 'accept-encoding': 'gzip, deflate, br' }
    const parser = new DocumentParser()
    const documents = await Promise.all(
      countries
        .slice(0, 20)
        .map((country, n) => parser.parseDocument(Buffer.from(JSON.stringify(country)), `w${n}`)),
    )
    await store.insert(documents)
    let total = 0
    for (const path of ['/', ...files.map((file) => `/page/${file}`)]) {
      const { status, body, headers } = await page.get(path, gzip)
      assert.equal(status, 200)
      if (headers['content-encoding'] === 'gzip') assert.ok(gunzipSync(body).length > body.length)
      t.diagnostic(`${path}: ${body.length} bytes`)
      total += body.length
    }
    t.diagnostic(`in all: ${total} bytes`)
    assert.ok(total < 30_000, `${total} bytes`)
    await Promise.all(documents.map(({ id }) => store.remove(id)))
  })

  it('gives its files with an entity tag and 304', async () => {
    for (const file of files) {
      const { headers } = await page.get(`/page/${file}`)
      const again = await page.get(`/page/${file}`, { 'if-none-match': String(headers.etag) })
      assert.equal(again.status, 304, file)
    }
    assert.equal((await page.get('/page/nothing.js')).status, 404)
  })

  it('sends uncompressed what a client does not want compressed', async () => {
    for (const coding of ['identity', 'gzip;q=0', 'br']) {
      const { headers } = await page.get('/', { 'accept-encoding': coding })
      assert.equal(headers['content-encoding'], undefined, coding)
    }
    const { headers } = await page.get('/', { 'accept-encoding': 'br, gzip;q=0.5' })
    assert.equal(headers['content-encoding'], 'gzip')
  })
})

describe('the page of a service whose database is away', () => {
  it('still says the time and what is wrong, and keeps what somebody typed', async () => {
    const away = () => Promise.reject(new StoreError('unavailable', 'The database is away.'))
    const real = openSqliteStore(join(folder, 'away.db'))
    const failed = {
      ok: false,
      reason: 'failed',
      error: new StoreError('unavailable', 'away'),
    } as const
    const store: DocumentStore = {
      ...real,
      get: away,
      read: away,
      remove: away,
      insert: async (documents) => documents.map(() => failed),
      // biome-ignore lint/correctness/useYield: it fails before its first batch
      newest: async function* () {
        await away()
      },
    }
    const service = await runService(store)
    const page = await pageClient(service.port)
    const home = await page.get('/')
    assert.equal(home.status, 503)
    assert.equal(home.headers['retry-after'], '2')
    assert.match(home.text, /The database does not answer/)
    assert.match(home.text, /<time datetime=/)
    assert.match(home.text, /data-from="\/page\/newest"/)
    const added = await page.post('/page/documents', { document: '{"kept":1}' })
    assert.equal(added.status, 503)
    assert.equal(added.text.match(/ id="fault"/g)?.length, 1)
    assert.match(added.text, /<textarea[^>]*>\n\{&quot;kept&quot;:1\}<\/textarea>/)
    assert.equal((await page.get('/page/documents/x')).status, 503)
    await service.close()
  })
})
