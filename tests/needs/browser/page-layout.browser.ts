// What comes first on the page, how much of it an open document takes, and that a thumb hits its target.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { boxOf, cardOf, eachView } from './views.ts'

const shift = `new Promise((resolve) => {
  let sum = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
  setTimeout(() => resolve(sum), 1500)
})`

const isNarrow = 'document.documentElement.scrollWidth <= document.documentElement.clientWidth'

// What a finger can meet, and is smaller than 44 pixels: of a link within a sentence too.
const small = `[...document.querySelectorAll('a, button, summary, input:not([type=hidden], .all > *), label.all, textarea')]
  .filter((each) => each.checkVisibility())
  .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 44 || height < 44)
  .map(([text, { width, height }]) => text + ' ' + width + ' x ' + height)`

const deep = `${'{"level":'.repeat(20)}"${'deep '.repeat(10)}"${'}'.repeat(20)}`

eachView('the page', (view, world) => {
  it('shows the first documents without scrolling, below one slim row of clocks', async () => {
    const page = await world.open(view)
    const { height: screen } = page.viewportSize() ?? { height: 0 }
    const clocks = await boxOf(page.locator('.clocks'))
    assert.ok(clocks.height <= (view.isPhone ? 44 : 24), `${clocks.height}`)
    for (const card of await page
      .locator('.card')
      .all()
      .then((all) => all.slice(0, 4))) {
      assert.ok((await boxOf(card)).bottom <= screen)
    }
    assert.equal(await page.locator('textarea').isVisible(), false)
    await page.getByText('Add a document').click()
    assert.equal(await page.locator('textarea').isVisible(), true)
    await page.context().close()
  })

  it('has both clocks with their datetime, the visitor’s if a script can tell', async () => {
    const page = await world.open(view)
    const times = page.locator('.clock:not([hidden]) time')
    if (view.hasScripts) await page.getByText('Asia/Tokyo').waitFor()
    assert.equal(await times.count(), view.hasScripts ? 2 : 1)
    for (const time of await times.all()) {
      const instant = (await time.getAttribute('datetime')) ?? ''
      assert.ok(Math.abs(Date.parse(instant) - Date.now()) < 60_000, instant)
      assert.match((await time.textContent()) ?? '', /\d\d:\d\d:\d\d\s+\w{3}, \d{1,2} \w+ \d{4}/)
    }
    if (view.hasScripts) {
      const first = (await times.first().getAttribute('datetime')) ?? ''
      await page.locator(`#server-clock time:not([datetime="${first}"])`).waitFor()
    }
    await page.context().close()
  })

  it('says how many documents there are, and opens one by its _id', async () => {
    const page = await world.open(view)
    await page.getByRole('heading', { name: 'Documents', exact: true }).waitFor()
    assert.match(
      (await page.locator('.count').textContent()) ?? '',
      /^252 documents, newest first: /,
    )
    await page.getByLabel('Open _id').fill('FRA')
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await page.getByRole('heading', { name: 'Document FRA' }).waitFor()
    await page.context().close()
  })

  it('filters and sorts, says how many match, and shows a fault at its place', async () => {
    const page = await world.open(view)
    assert.equal(await page.getByLabel('Filter', { exact: true }).isVisible(), false)
    await page.getByText('Filter and sort').click()
    await page.getByLabel('Filter', { exact: true }).fill('region:eq=Europe&area:gte=1e5')
    await page.getByLabel('Sort by').fill('-area')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByText('16 documents match, by -area.').waitFor()
    assert.deepEqual((await page.locator('.id').allTextContents()).slice(0, 3), [
      'RUS',
      'UKR',
      'FRA',
    ])
    assert.ok(await page.evaluate(isNarrow))
    const { height: screen } = page.viewportSize() ?? { height: 0 }
    assert.ok((await boxOf(page.locator('.card').first())).bottom <= screen)
    // What is shared is the address.
    const other = await world.open(view, page.url())
    assert.equal(await other.locator('.card').count(), 16)
    assert.equal(await other.getByLabel('Sort by').inputValue(), '-area')
    await other.context().close()

    const typed = 'region:eq=Europe&area:like=1'
    await page.getByLabel('Filter', { exact: true }).fill(typed)
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByRole('alert').getByText('Did you mean contains?').waitFor()
    assert.equal(await page.getByRole('alert').locator('mark').textContent(), 'area:like=1')
    const field = page.getByLabel('Filter', { exact: true })
    assert.equal(await field.inputValue(), typed)
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    if (view.hasScripts) {
      const at = await field.evaluate((input) => Reflect.get(input, 'selectionStart'))
      assert.equal(typed.slice(Number(at)), 'area:like=1')
    }
    await page.getByRole('link', { name: 'All documents' }).click()
    await page.getByText('252 documents, newest first').waitFor()
    assert.equal(await page.locator('#pause').isVisible(), view.hasScripts)
    await page.context().close()
  })

  it('cuts an open document, shows all of it on demand, and has what can be done in its head', async () => {
    const page = await world.open(view)
    const card = page.locator('.card:not(.dated)').first()
    const head = card.locator('summary')
    for (const part of [card, page.locator('.card.dated').first()]) {
      const { y, bottom, right } = await boxOf(part.locator('summary'))
      for (const name of [/^Edit/, /^JSON/, /^Delete/]) {
        const link = await boxOf(part.getByRole('link', { name }))
        assert.ok(link.y >= y - 1 && link.bottom <= bottom + 1 && link.right <= right, String(name))
      }
    }
    await head.click()
    const json = card.locator('.card-json')
    assert.ok((await boxOf(json)).height <= 24 * 16)
    await card.getByText('Show all').click()
    const whole = await boxOf(json)
    assert.ok(whole.height > 1000, `${whole.height}`)
    assert.match((await json.textContent()) ?? '', /\}$/)
    await card.getByText('Show less').click()
    assert.ok((await boxOf(json)).height <= 24 * 16)
    const short = page.locator('.card.dated').first()
    await short.locator('summary').click()
    assert.equal(await short.locator('.all').count(), 0)
    await page.context().close()
  })

  if (view.hasScripts) {
    it('moves nothing when its scripts come', async () => {
      const filtered = '/?where=region:eq=Europe&sort=-area'
      for (const path of ['/', '/page/documents/CHE', '/?saved=CHE', filtered]) {
        const page = await world.open(view, 'about:blank')
        // Late, so that the page is shown without it first.
        await page.route('**/live.js', async (route) => {
          await sleep(500)
          await route.continue()
        })
        await page.goto(world.base + path)
        const sum = Number(await page.evaluate(shift))
        assert.ok(sum < 0.005, `${path}: ${sum}`)
        await page.context().close()
      }
    })

    it('pauses, and says how to resume', async () => {
      const page = await world.open(view)
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByText('The list is paused.').waitFor()
      await page.getByRole('button', { name: 'Resume' }).click()
      await page.getByRole('button', { name: 'Pause' }).waitFor()
      await page.context().close()
    })
  }

  it('keeps what opens a card on the line of its _id, and deep JSON within the card', async () => {
    await world.put('0123456789abcdef01234567', deep)
    const page = await world.open(view, '/?saved=0123456789abcdef01234567')
    const card = cardOf(page, '0123456789abcdef01234567')
    const [outer, id] = [await boxOf(card), await boxOf(card.locator('.id'))]
    assert.ok(id.y - outer.y < 24 && id.x - outer.x < 64, JSON.stringify([outer, id]))
    const json = card.locator('.card-json')
    const [inner, shown] = await json.evaluate((pre) => [pre.scrollWidth, pre.clientWidth])
    if (view.isPhone) assert.ok(inner > shown, `${inner} is not over ${shown}`)
    assert.ok(await page.evaluate(isNarrow))
    await world.remove('0123456789abcdef01234567')
    await page.context().close()
  })

  if (view.isPhone) {
    it('has nothing smaller than a thumb', async () => {
      await world.put('thumb', '{"n":1}')
      const page = await world.open(view)
      await expectThumbs(page, 'the list')
      await page.getByText('Add a document').click()
      await page.locator('summary.card-head').last().click()
      await expectThumbs(page, 'the list with a form and an open card')
      for (const where of ['region:eq=Europe', 'region:is=Europe', 'region:eq=Mars']) {
        await page.goto(`${world.base}/?where=${where}`)
        await expectThumbs(page, where)
      }
      for (const path of ['documents', 'removals']) {
        await page.goto(`${world.base}/page/${path}/thumb`)
        await expectThumbs(page, path)
      }
      await page.goto(`${world.base}/page/documents/thumb`)
      await world.put('thumb', '{"n":2}')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Someone else saved').waitFor()
      await expectThumbs(page, 'a conflict')
      await world.remove('thumb')
      await page.context().close()
    })
  }
})

async function expectThumbs(page: Page, what: string): Promise<void> {
  assert.deepEqual(await page.evaluate(small), [], what)
}
