// The page in a real browser, the same for every store, on a service that is a process of its own.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { freePort } from '../../support/free-port.ts'
import { type ServiceProcess, startProcess } from '../../support/service-process.ts'
import { type OpenPage, skipWithoutBrowser, startBrowser, type TestBrowser } from './browser.ts'

export interface Place {
  /** The settings of a service on a store that is empty. */
  settings(): Promise<Readonly<Record<string, string>>>
  readonly skip?: string | false
  /** Takes the database away and brings it back, if it is a server of its own. */
  readonly outage?: { stop(): Promise<void>; start(): Promise<void> }
}

const json = { 'content-type': 'application/json' }

/** Defines the suite for a store. */
export function pageSuite(name: string, place: Place): void {
  const { outage } = place
  const skip = place.skip || skipWithoutBrowser()
  describe(`the page in a browser, on ${name}`, { skip, timeout: 300_000 }, () => {
    let browser: TestBrowser
    let settings: Readonly<Record<string, string>>
    let service: ServiceProcess
    before(async () => {
      settings = { ...(await place.settings()), PORT: String(await freePort()) }
      service = await startProcess(settings)
      browser = await startBrowser()
    })
    after(async () => {
      await browser.close()
      service.signal('SIGTERM')
      await service.exited
    })

    const open = (path = '/', options = {}): Promise<OpenPage> =>
      browser.open(service.base + path, options)
    const put = (id: string, body: string) =>
      fetch(`${service.base}/data/${encodeURIComponent(id)}`, {
        method: 'PUT',
        headers: json,
        body,
      })
    const read = async (id: string) =>
      (await fetch(`${service.base}/data/${encodeURIComponent(id)}`)).text()
    const card = (page: Page, id: string) => page.locator(`li[data-id="${id}"]`)
    const field = (page: Page) => page.locator('textarea')
    const add = async (page: Page, text: string) => {
      if (!(await field(page).isVisible())) await page.getByText('Add a document').click()
      await field(page).fill(text)
      await page.getByRole('button', { name: 'Add', exact: true }).click()
    }

    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? '' : ' without JavaScript'

      it(`adds, edits and deletes a document${how}`, async () => {
        const { page, complaints } = await open('/', { javaScriptEnabled })
        await add(page, '{"3":"three","1":9007199254740993,"_id":"made"}')
        await page.getByText('made is stored.').waitFor()
        assert.equal(await read('made'), '{"_id":"made","3":"three","1":9007199254740993}\n')

        await page.getByRole('link', { name: 'made' }).first().click()
        const text = await field(page).inputValue()
        assert.equal(text, '{\n  "_id": "made",\n  "3": "three",\n  "1": 9007199254740993\n}')
        await field(page).fill(text.replace('three', 'drei'))
        await page.getByRole('button', { name: 'Save' }).click()
        await page.getByText('made is stored.').waitFor()
        assert.equal(await read('made'), '{"_id":"made","3":"drei","1":9007199254740993}\n')

        assert.ok(await card(page, 'made').locator('pre').isVisible())
        await card(page, 'made').getByRole('link', { name: 'Delete made' }).click()
        await page.getByText('Delete made for good?').waitFor()
        assert.equal(await page.locator('dialog').count(), javaScriptEnabled ? 1 : 0)
        await page.getByRole('button', { name: 'Delete for good' }).click()
        await page.getByText('There is no document made.').waitFor()
        assert.equal(await card(page, 'made').count(), 0)
        assert.match(await read('made'), /"status":404/)
        assert.deepEqual(complaints, [])
        await page.context().close()
      })

      it(`shows a fault at its place and keeps the text${how}`, async () => {
        const { page } = await open('/', { javaScriptEnabled })
        const typed = '{\n  "a": 1,\n  "b": {"x": 1e999}\n}'
        await add(page, typed)
        const fault = page.getByRole('alert')
        assert.match((await fault.textContent()) ?? '', /Line 3, column 9 at \/b\/x/)
        assert.equal(await fault.locator('mark').textContent(), '"x"')
        assert.equal(await field(page).inputValue(), typed)
        assert.equal(await field(page).getAttribute('aria-invalid'), 'true')
        if (javaScriptEnabled) {
          const at = await field(page).evaluate((area) => Reflect.get(area, 'selectionStart'))
          assert.equal(typed.slice(Number(at)), '"x": 1e999}\n}')
        }
        await page.context().close()
      })

      it(`shows both versions when somebody else was faster${how}`, async () => {
        await put('shared', '{"n":1}')
        const { page } = await open('/page/documents/shared', { javaScriptEnabled })
        await put('shared', '{"n":"theirs"}')
        await field(page).fill('{"n":"mine"}')
        await page.getByRole('button', { name: 'Save' }).click()
        await page.getByText('Someone else saved this document while you were editing.').waitFor()
        assert.deepEqual(await page.locator('.diff :is(del, ins)').allTextContents(), [
          '-   "n": "theirs"\n',
          '+   "n": "mine"\n',
        ])
        assert.equal(await field(page).inputValue(), '{"n":"mine"}')
        assert.equal(await read('shared'), '{"_id":"shared","n":"theirs"}\n')
        await page.getByRole('button', { name: 'Overwrite with mine' }).click()
        await page.getByText('shared is stored.').waitFor()
        assert.equal(await read('shared'), '{"_id":"shared","n":"mine"}\n')
        await page.context().close()
      })
    }

    it('finds what is asked for, without JavaScript', async () => {
      for (const [id, born] of [
        ['ada', 1815],
        ['bob', 1962],
        ['cyd', 1990],
      ]) {
        await put(String(id), `{"born":${born},"person":true}`)
      }
      const { page } = await open('/', { javaScriptEnabled: false })
      await page.getByText('Filter and sort').click()
      await page.getByLabel('Filter', { exact: true }).fill('person:eq=true&born:gt=1900')
      await page.getByLabel('Sort by').fill('-born')
      await page.getByRole('button', { name: 'Show', exact: true }).click()
      await page.getByText('2 documents match, by -born.').waitFor()
      assert.deepEqual(await page.locator('.id').allTextContents(), ['cyd', 'bob'])
      await page.getByRole('link', { name: 'Delete bob' }).click()
      await page.getByRole('button', { name: 'Delete for good' }).click()
      await page.getByText('1 document matches, by -born.').waitFor()
      for (const id of ['ada', 'cyd']) {
        await fetch(`${service.base}/data/${id}`, { method: 'DELETE' })
      }
      await page.context().close()
    })

    it('keeps a text that is too long for a form, and says so', async () => {
      const { page } = await open()
      const typed = `{"a":"${"'".repeat(90_000)}"}`
      await add(page, typed)
      await page.getByRole('alert').getByText('too long for a form').waitFor()
      assert.equal(await field(page).inputValue(), typed)
      await page.context().close()
    })

    it('shows the date and time of both, and they tick', async () => {
      const { page } = await open('/', { timezoneId: 'Asia/Tokyo' })
      const own = page.locator('#own-clock')
      assert.match((await own.textContent()) ?? '', /Asia\/Tokyo/)
      const time = page.locator('#server-clock b')
      const first = (await time.textContent()) ?? ''
      assert.match(first, /^\d\d:\d\d:\d\d$/)
      await page.locator('#server-clock b', { hasNotText: first }).waitFor()
      await page.context().close()
    })

    it('shows new, changed and removed documents on its own, and leaves open what is open', async () => {
      await put('stays', '{"n":1}')
      const { page, complaints } = await open()
      const stays = card(page, 'stays')
      if (!(await stays.locator('pre').isVisible())) await stays.locator('summary').first().click()
      await put('comes', '{"<script>":"<img src=x onerror=alert(1)>"}')
      await card(page, 'comes').waitFor()
      assert.ok(await stays.locator('pre').isVisible())
      await put('stays', '{"n":"changed"}')
      await stays.locator('pre', { hasText: 'changed' }).waitFor()
      assert.ok(await stays.locator('pre').isVisible())
      for (const id of ['comes', 'stays']) {
        await fetch(`${service.base}/data/${id}`, { method: 'DELETE' })
        await card(page, id).waitFor({ state: 'detached' })
      }
      assert.deepEqual(complaints, [])
      await page.context().close()
    })

    it('runs nothing that a document holds', async () => {
      const id = '"><script>alert(0)</script>'
      const body =
        '{"<script>":"<img src=x onerror=\\"window.ran=1\\">","</textarea><b>":"</pre><b>"}'
      await put(id, body)
      for (const path of ['/', `/page/documents/${encodeURIComponent(id)}`]) {
        const { page, complaints } = await open(path)
        assert.equal(await page.locator('img, main b script, main script').count(), 0)
        assert.equal(await page.evaluate('window.ran'), undefined)
        const shown = await page.locator('main').evaluate((main) => main.textContent ?? '')
        assert.ok(shown.includes('"<img src=x onerror=\\"window.ran=1\\">"'), path)
        assert.deepEqual(complaints, [])
        await page.context().close()
      }
      await fetch(`${service.base}/data/${encodeURIComponent(id)}`, { method: 'DELETE' })
    })

    it('goes on after a restart of the service while it is open', async () => {
      const { page } = await open()
      await page.getByText('Add a document').click()
      await field(page).fill('{"half":')
      service.signal('SIGTERM')
      await service.exited
      await page.getByText('The service does not answer; this page asks again.').waitFor()
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('alert').getByText('Nothing was sent').waitFor()
      service = await startProcess(settings)
      await put('after the restart', '{}')
      await card(page, 'after the restart').waitFor()
      assert.equal(await field(page).inputValue(), '{"half":')
      await add(page, '{"_id":"whole"}')
      await page.getByText('whole is stored.').waitFor()
      await fetch(`${service.base}/data/whole`, { method: 'DELETE' })
      await fetch(`${service.base}/data/after%20the%20restart`, { method: 'DELETE' })
      await page.context().close()
    })

    if (outage) {
      it('says that the database is away, and shows the documents when it is back', async () => {
        await put('kept', '{}')
        const { page } = await open()
        await card(page, 'kept').waitFor()
        await outage.stop()
        await page.getByText('The database does not answer; this page asks again.').waitFor()
        await page.reload()
        await page.getByRole('alert').getByText('The database does not answer.').waitFor()
        await outage.start()
        await card(page, 'kept').waitFor()
        assert.equal(await page.getByRole('alert').count(), 0)
        await fetch(`${service.base}/data/kept`, { method: 'DELETE' })
        await page.context().close()
      })
    }

    it('takes its colours from the system', async () => {
      const colors: string[] = []
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page } = await open('/', { colorScheme })
        colors.push(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'))
        await page.context().close()
      }
      assert.notEqual(colors[0], colors[1])
    })

    it('can be used with the keyboard alone', async () => {
      const { page } = await open()
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.locator('textarea:focus').waitFor()
      await page.keyboard.type('{"_id":"typed"}')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.getByText('typed is stored.').waitFor()
      await fetch(`${service.base}/data/typed`, { method: 'DELETE' })
      await page.context().close()
    })

    it('pages through 10,000 documents, twenty at a time', async () => {
      const lines = Array.from({ length: 10_000 }, (_, n) => `{"n":${n}}`).join('\n')
      const type = { 'content-type': 'application/x-ndjson' }
      const sent = await fetch(`${service.base}/data`, {
        method: 'POST',
        headers: type,
        body: lines,
      })
      assert.equal(sent.status, 201)
      const { page } = await open('/', { javaScriptEnabled: false })
      const numbers = async () => {
        const texts = await page.locator('.gist').allTextContents()
        return texts.map((text) => Number(/"n":(\d+)/.exec(text)?.[1]))
      }
      let expected = 9999
      for (let count = 0; count < 5; count++) {
        const shown = await numbers()
        assert.equal(shown.length, 20)
        for (const number of shown) assert.equal(number, expected--)
        await page.getByRole('link', { name: 'Older' }).click()
      }
      assert.equal((await numbers())[0], expected)

      // The other end: where the ninth document follows the tenth.
      const oldest: unknown = await (await fetch(`${service.base}/data?limit=100`)).json()
      assert.ok(Array.isArray(oldest))
      const id: unknown = oldest.find((document) => document.n === 10)?._id
      await page.goto(`${service.base}/?before=${id}`)
      assert.deepEqual((await numbers()).slice(0, 10), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
      await page.getByRole('link', { name: 'Newest' }).click()
      assert.equal((await numbers())[0], 9999)
      await page.context().close()
    })
  })
}
