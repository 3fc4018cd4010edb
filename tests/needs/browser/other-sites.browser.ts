// What a page of another site can do with a service on this machine: nothing, under its own name or ours.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { client } from '../../support/client.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { skipWithoutBrowser, startBrowser, type TestBrowser } from './browser.ts'

// evil.example is this machine for the browser, as it is when a site points its own name here.
const rules = '--host-resolver-rules=MAP *.example 127.0.0.1'
// Chromium 142 and newer ask the user first; other browsers do not.
const unasked = '--disable-features=LocalNetworkAccessChecks'

describe('a page of another site', { skip: skipWithoutBrowser(), timeout: 60_000 }, () => {
  let browser: TestBrowser
  let service: ServiceProcess
  const site = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Cheap holidays</h1>')
  })
  let sitePort = 0
  before(async () => {
    const file = join(temporaryFolder(), 'sites.db')
    // The setting of a service on its own; other tests name any host.
    const settings = { HOST: 'localhost', ALLOWED_HOSTS: 'localhost', DATA_FILE: file }
    service = await startProcess(settings)
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    const address = site.address()
    sitePort = typeof address === 'object' && address !== null ? address.port : 0
    browser = await startBrowser([rules, unasked])
    assert.equal((await client(service.base).post('{"_id":"secret","kept":1}')).status, 201)
  })
  after(async () => {
    await browser?.close()
    site.close()
    service?.signal('SIGKILL')
  })

  const stored = async () => (await client(service.base).get('/data')).text
  const kept = '[{"_id":"secret","kept":1}]\n'

  it('reads and writes nothing under a name of its own that leads here', async () => {
    const { page } = await browser.open('about:blank')
    // What the site itself answered before its name led here.
    const start = `http://evil.example:${service.port}/start`
    await page.route(start, (route) => route.fulfill({ contentType: 'text/html', body: '<p>Hi' }))
    await page.goto(start)
    const seen = await page.evaluate(async () => {
      const read = await fetch('/data')
      const body = '{"_id":"theirs"}'
      const headers = { 'Content-Type': 'application/json' }
      const write = await fetch('/data', { method: 'POST', body, headers })
      const remove = await fetch('/data/secret', { method: 'DELETE' })
      return { text: await read.text(), statuses: [read.status, write.status, remove.status] }
    })
    assert.deepEqual(seen.statuses, [421, 421, 421])
    assert.doesNotMatch(seen.text, /kept/)
    assert.equal(await stored(), kept)
  })

  it('reads and writes nothing from its own address, by script or by form', async () => {
    const { page } = await browser.open(`http://evil.example:${sitePort}/`)
    const target = `http://127.0.0.1:${service.port}`
    const requests = [
      ['/data', { method: 'GET' }],
      ['/data', { method: 'POST', body: '{"_id":"theirs"}', mode: 'no-cors' }],
      ['/data/secret', { method: 'DELETE' }],
    ] as const
    let read = ''
    for (const [path, init] of requests) {
      read += await page
        .evaluate(async ([url, how]) => (await fetch(url, how)).text(), [
          target + path,
          init,
        ] as const)
        .catch(String)
    }
    assert.doesNotMatch(read, /kept/)
    assert.equal(await stored(), kept)
    await page.setContent(
      `<form method="post" action="${target}/page/documents"><input name="document" value="{&quot;_id&quot;:&quot;theirs&quot;}"><button>Win</button></form>`,
    )
    await page.click('button')
    await page.waitForURL(`${target}/**`)
    assert.match(await page.content(), /cross_site/)
    assert.equal(await stored(), kept)
  })

  it('shows the page to its user under localhost, which may add a document', async () => {
    const { page } = await browser.open(`http://localhost:${service.port}/`)
    await page.getByText('Add a document').click()
    await page.fill('textarea', '{"_id":"mine"}')
    await page.click('button.primary')
    await page.waitForURL(/added=mine/)
    assert.match(await stored(), /"mine"/)
  })
})
