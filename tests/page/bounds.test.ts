// What the page makes of a document or of a form is bounded, and it does only what its own forms ask for.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { BSON } from 'mongodb'
import { textOfBson } from '../../src/codec/document-text.ts'
import { previewDocument } from '../../src/page/document-preview.ts'
import type { DocumentStore } from '../../src/store/document-store.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { encode } from '../suites/store-contract.ts'
import { type PageAnswer, type PageClient, pageClient } from '../support/page-client.ts'
import { type RunningService, runService } from '../support/running-service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const MiB = 1 << 20
const json = { 'content-type': 'application/json' }

const numbers = (count: number, depth = 97) =>
  `${'{"a":'.repeat(depth)}[${'1,'.repeat(count)}1]${'}'.repeat(depth)}`

describe('the bounds of the page', () => {
  let store: DocumentStore
  let service: RunningService
  let page: PageClient
  before(async () => {
    store = openSqliteStore(join(folder, 'bounds.db'))
    service = await runService(store, { maxBody: 32 * MiB })
    page = await pageClient(service.port)
  })
  after(() => service.close())

  const put = async (id: string, body: string) => {
    const answer = await service.client.send('PUT', `/data/${id}`, { body, headers: json })
    assert.ok(answer.status === 200 || answer.status === 201, `${answer.status}`)
    return unquoted(String(answer.headers.get('etag')))
  }
  const stored = async (id: string) => (await service.client.get(`/data/${id}`)).text
  const remove = (id: string) => service.client.send('DELETE', `/data/${id}`)

  /** Sends a form that is made by hand. */
  const postRaw = async (path: string, form: string): Promise<PageAnswer> => {
    const sent = request({
      ...{ host: '127.0.0.1', port: service.port, path, method: 'POST', agent: false },
      headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    })
    sent.end(form)
    const [response] = await once(sent, 'response')
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    return { status: response.statusCode, headers: response.headers, body, text: body.toString() }
  }

  it('hold for a document of half a million numbers, 97 levels deep, on each of its pages', async () => {
    await put('deep', numbers(500_000))
    const shown = await page.get('/page/documents/deep')
    assert.equal(shown.status, 200)
    assert.doesNotMatch(shown.text, /<textarea/)
    assert.match(
      shown.text,
      /The rest is left out: it has [\d,]+ bytes in all\. <a href="\/data\/deep">/,
    )
    assert.match(shown.text, /too many for this page/)

    const form = { do: 'save', etag: '"of-an-older-version"', document: '{"n":1}' }
    const conflict = await page.post('/page/documents/deep', form)
    assert.equal(conflict.status, 412)
    assert.match(conflict.text, /The rest is left out/)
    const list = await page.get('/')
    assert.match(list.text, /bytes in all/)
    for (const { body } of [shown, conflict]) assert.ok(body.length < 1.1 * MiB, `${body.length}`)
    assert.ok(list.body.length < 64 * 1024, `${list.body.length}`)
    await remove('deep')
  })

  it('hold for twenty documents, each with more markup than a card may have', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `wide${n}`)
    for (const id of ids) await put(id, `{"n":${numbers(20_000, 90)}}`)
    const { text, body } = await page.get('/')
    assert.equal(text.match(/<li class="card/g)?.length, 20)
    assert.ok(body.length < 20 * 40 * 1024, `${body.length}`)
    for (const id of ids) await remove(id)
  })

  it('hold for a document of 16 MB that is one text', async () => {
    await put('long', `{"text":"${'&'.repeat(15 * MiB)}"}`)
    for (const path of ['/page/documents/long', '/']) {
      const { status, body, text } = await page.get(path)
      assert.equal(status, 200)
      assert.match(text, /bytes in all/)
      assert.ok(body.length < 1.1 * MiB, `${body.length}`)
    }
    const zipped = await page.get('/page/documents/long', { 'accept-encoding': 'gzip' })
    assert.match(gunzipSync(zipped.body).toString(), /bytes in all/)
    await remove('long')
  })

  it('offer to edit exactly what a form can carry', async () => {
    // A quote has three bytes in a form, and so has each of the characters around the text.
    const texts = [
      [80_000, true],
      [90_000, false],
    ] as const
    for (const [quotes, editable] of texts) {
      await put('quotes', `{"a":"${"'".repeat(quotes)}"}`)
      const { text } = await page.get('/page/documents/quotes')
      assert.equal(/<textarea/.test(text), editable, `${quotes}`)
      if (!editable) continue
      const document = /<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(text)?.[1] ?? ''
      const etag = unquoted(/name="etag" value="([^"]*)"/.exec(text)?.[1] ?? '')
      const sent = { do: 'save', etag, document: unquoted(document) }
      assert.equal((await page.post('/page/documents/quotes', sent)).status, 303)
    }
    await remove('quotes')
    const tooLarge = await page.post('/page/documents', { document: "'".repeat(90_000) })
    assert.equal(tooLarge.status, 413)
  })

  it('hold for what a message says of a form', async () => {
    for (const document of [
      `{"${'~'.repeat(60_000)}":1e999}`,
      '{"a":1,'.padEnd(200_000, ' '),
      `${'['.repeat(80_000)}`,
      `{"a":${'x'.repeat(200_000)}`,
      `{"b":[${'1,'.repeat(40_000)}1e999]}`,
    ]) {
      const { status, text } = await page.post('/page/documents', { document })
      assert.ok(status === 400 || status === 422, `${status}`)
      const fault = /<div class="fault"[\s\S]*?<\/div>/.exec(text)?.[0] ?? ''
      assert.match(fault, /Line \d+, column \d+/)
      assert.ok(fault.length < 3000, `${fault.length}`)
    }
  })

  it('refuse every form that the page does not send, and do nothing', async () => {
    const etag = await put('kept', '{"n":1}')
    const tag = `etag=${encodeURIComponent(etag)}`
    const before = await stored('kept')
    for (const form of [
      `do=delete&${tag}&document={}`,
      `do=&${tag}&document={}`,
      `${tag}&document={}`,
      `do=save&document={}`,
      `do=save&${tag}`,
      `do=save&${tag}&${tag}&document={}`,
      `do=save&do=save&${tag}&document={}`,
      `do=save&${tag}&document={}&document={}`,
      `do=save&${tag}&document={}&force=true`,
      `do=remove&${tag}&document={}`,
      `do=remove`,
      `do=remove&do=save&${tag}`,
      `do=save&etag=${'x'.repeat(1000)}&document={}`,
      `do=save&${tag}&document=%ff`,
      '',
    ]) {
      const { status, text } = await postRaw('/page/documents/kept', form)
      assert.equal(status, 400, form)
      assert.ok(text.length < 1000)
      assert.equal(await stored('kept'), before, form)
    }
    for (const form of [
      '',
      'document={}&document={}',
      'document={}&do=save',
      'ab&'.repeat(80_000),
    ]) {
      assert.equal((await postRaw('/page/documents', form)).status, 400, form.slice(0, 20))
    }
    assert.equal((await service.client.get('/data')).text.trim(), `[${before.trim()}]`)
    await remove('kept')
  })

  it('say of a document only what is so, whoever made the link', async () => {
    await put('there', '{}')
    for (const name of ['added', 'saved', 'removed']) {
      const there = await page.get(`/?${name}=there`)
      assert.match(there.text, /role="status"><a [^>]*><code>there<\/code><\/a> is stored\./)
      const absent = await page.get(`/?${name}=never`)
      assert.match(absent.text, /role="status">There is no document <code>never<\/code>\./)
    }
    const long = await page.get(`/?removed=${'x'.repeat(5000)}`)
    assert.doesNotMatch(long.text, /x{101}/)
    await remove('there')
  })

  it('hold for an _id of a megabyte that another program gave', async () => {
    const ids = ['w', ...['x', 'y', 'z'].map((letter) => letter.repeat(MiB))]
    await store.insert(ids.map((_id) => encode({ _id })))
    const { text, body } = await page.get('/')
    assert.equal(text.match(/<li class="card/g)?.length, 4)
    assert.equal(text.match(/too long for an address/g)?.length, 3)
    assert.ok(body.length < 128 * 1024, `${body.length}`)
    await Promise.all(ids.map((id) => store.remove(id)))
  })

  it('show no date that lies in the future', async () => {
    const future = 'ffffffff0000000000000001'
    const past = '640000000000000000000001'
    await put(future, '{}')
    await put(past, '{}')
    const { text } = await page.get('/')
    const heads = [...text.matchAll(/<code class="id">(\w+)<\/code>(<time)?/g)]
    assert.deepEqual(
      heads.map(([, id, time]) => [id, time !== undefined]),
      [
        [future, false],
        [past, true],
      ],
    )
    await remove(future)
    await remove(past)
  })

  it('make no page for HEAD, and say the same status', async () => {
    await put('head', '{}')
    for (const [path, status] of [
      ['/', 200],
      ['/page/newest', 200],
      ['/page/documents/head', 200],
      ['/page/documents/none', 404],
    ] as const) {
      const answer = await fetch(`http://127.0.0.1:${service.port}${path}`, {
        method: 'HEAD',
        headers: { accept: 'text/html' },
      })
      assert.equal(answer.status, status, path)
      assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
    }
    await remove('head')
  })
})

const unquoted = (text: string) =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')

it('shows the whole of a document that fits, whatever its types', async () => {
  const list = Array.from({ length: 100 }, () => BSON.Decimal128.fromString('1.5'))
  const text = textOfBson({ id: 'a', bson: BSON.serialize({ _id: 'a', list }) })
  const expected = `{"_id":"a","list":[${Array(100).fill('{"$numberDecimal":"1.5"}').join()}]}`
  const fits = await previewDocument(text, 8000)
  assert.deepEqual([fits.json, fits.whole], [expected, true])
  const cut = await previewDocument(text, 1000)
  assert.deepEqual([cut.json, cut.whole], [expected.slice(0, 1000), false])
})
