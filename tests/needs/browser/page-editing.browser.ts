// Nobody loses what they typed, overwrites what others wrote, or removes anything by mistake.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Page } from 'playwright-core'
import { boxOf, cardOf, eachView } from './views.ts'

const field = (page: Page) => page.locator('textarea')

async function add(page: Page, text: string): Promise<void> {
  await page.getByText('Add a document').click()
  await field(page).fill(text)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
}

// What runs in the browser is text here, since the types of this project have no browser in them.
const looks = `[...document.querySelectorAll('.equal')].map((element) => {
  const { color, backgroundColor, borderColor, fontWeight } = getComputedStyle(element)
  return [color, backgroundColor, borderColor, fontWeight].join()
})`

// How much lighter one colour is than another (WCAG 2.2, contrast ratio).
const contrast = `(element, of) => {
  const light = (color) => {
    const parts = color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    const [red, green, blue] = parts.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const ground = (node) => {
    const color = getComputedStyle(node).backgroundColor
    return color === 'rgba(0, 0, 0, 0)' ? ground(node.parentElement) : color
  }
  const [one, two] = [light(ground(element)), light(of === 'text' ? getComputedStyle(element).color : ground(element.parentElement))]
  return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05)
}`

eachView('an edit', (view, world) => {
  it('that met another shows what differs, and two ways on, neither preferred', async () => {
    const country = await world.read('CHE')
    const page = await world.open(view, '/page/documents/CHE')
    const text = await field(page).inputValue()
    await world.put('CHE', country.replace('"Bern"', '"Biel"'))
    await field(page).fill(text.replace('41284', '41285'))
    await page.getByRole('button', { name: 'Save' }).click()
    await page
      .getByText(
        'Someone else saved this document while you were editing. Nothing of yours is lost.',
      )
      .waitFor()
    const marked = await page.locator('.diff :is(del, ins)').allTextContents()
    assert.deepEqual(
      marked.map((line) => line.trim().replace(/\s+/g, ' ')),
      ['- "capital": ["Biel"],', '+ "capital": ["Bern"],', '- "area": 41284,', '+ "area": 41285,'],
    )
    assert.match((await page.locator('.legend').textContent()) ?? '', /theirs.*yours.*in both/)
    const keep = page.getByRole('link', { name: 'Keep theirs' })
    const overwrite = page.getByRole('button', { name: 'Overwrite with mine' })
    const [one, other, ...more] = await page.evaluate<string[]>(looks)
    assert.match(one ?? '', /^rgb/)
    assert.deepEqual([other, more], [one, []])
    const [left, right] = [await boxOf(keep), await boxOf(overwrite)]
    assert.ok(Math.abs(left.width - right.width) < 1 && Math.abs(left.height - right.height) < 1)
    assert.match(await field(page).inputValue(), /"area": 41285/)
    await keep.click()
    await page.waitForURL(/\/#at-CHE$/)
    assert.match(await world.read('CHE'), /"Biel"/)
    await world.put('CHE', country)
    await page.context().close()
  })

  it('of a document that somebody deleted says so, and stores it again', async () => {
    await world.put('gone', '{"n":1}')
    const page = await world.open(view, '/page/documents/gone')
    await world.remove('gone')
    await field(page).fill('{"n":2}')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Someone else deleted this document while you were editing.').waitFor()
    await page.getByRole('link', { name: 'Keep it deleted' }).waitFor()
    await page.getByRole('button', { name: 'Store mine again' }).click()
    await page.getByText('gone is stored.').waitFor()
    assert.equal(await world.read('gone'), '{"_id":"gone","n":2}\n')
    await world.remove('gone')
    await page.context().close()
  })

  it('with a fault says once where and what to do, in the words of the API', async () => {
    const typed = '{\n  "a": 1,\n}'
    const page = await world.open(view)
    await add(page, typed)
    const fault = page.getByRole('alert')
    const words = (await fault.locator('p').textContent()) ?? ''
    assert.match(words, /^Line 3, column 1: remove the comma before }\. Expected /)
    assert.equal(words.match(/column/g)?.length, 1)
    const { text } = await world.service.client.post(typed)
    const { detail } = JSON.parse(text)
    assert.equal(words, detail)
    const mark = fault.locator('mark')
    assert.equal(await mark.textContent(), '}')
    for (const [of, least] of [
      ['text', 7],
      ['ground', 3],
    ] as const) {
      const ratio = Number(
        await page.evaluate(`(${contrast})(document.querySelector('.fault mark'), '${of}')`),
      )
      if (of === 'text' || view.options.colorScheme === 'dark')
        assert.ok(ratio >= least, `${of}: ${ratio}`)
    }
    await page.context().close()
  })

  it('can be left by Cancel, to its place in the list', async () => {
    const page = await world.open(view)
    await page.getByRole('link', { name: 'Older' }).click()
    await page.getByRole('heading', { name: 'Documents', exact: true }).waitFor()
    const card = page.locator('.card').nth(14)
    const id = (await card.getAttribute('data-id')) ?? ''
    for (const name of ['Cancel', 'Back to the list']) {
      await cardOf(page, id)
        .getByRole('link', { name: `Edit ${id}` })
        .click()
      await page.getByRole('link', { name, exact: true }).click()
      await page.waitForURL(new RegExp(`\\?before=\\w+#at-${id}$`))
      const { y, bottom } = await boxOf(cardOf(page, id))
      assert.ok(y >= 0 && bottom <= (page.viewportSize()?.height ?? 0), `${y} to ${bottom}`)
    }
    await page.context().close()
  })

  it('is there again after Back, but not over another version', async () => {
    const page = await world.open(view)
    await page.getByText('Add a document').click()
    await field(page).fill('{"half": ')
    await page.getByRole('link', { name: 'Older' }).click()
    await page.waitForURL(/before/)
    await page.goBack()
    if (!view.hasScripts) await page.getByText('Add a document').click()
    assert.ok(await field(page).isVisible())
    assert.equal(await field(page).inputValue(), '{"half": ')

    await world.put('back', '{"n":1}')
    await page.goto(`${world.base}/page/documents/back`)
    page.on('dialog', (dialog) => dialog.accept())
    for (const [typed, kept] of [
      ['{"n":2}', '{"n":2}'],
      ['{"n":3}', '{\n  "_id": "back",\n  "n": "theirs"\n}'],
    ] as const) {
      await field(page).fill(typed)
      await page.getByRole('link', { name: '/readyz' }).click()
      await page.waitForURL(/readyz/)
      if (kept !== typed) await world.put('back', '{"n":"theirs"}')
      await page.goBack()
      assert.equal(await field(page).inputValue(), kept)
    }
    await world.remove('back')
    await page.context().close()
  })

  if (view.hasScripts) {
    it('is asked for before it is left, and not after it was saved', async () => {
      await world.put('asked', '{"n":1}')
      const page = await world.open(view, '/page/documents/asked')
      const asked: string[] = []
      page.on('dialog', (dialog) => {
        asked.push(dialog.type())
        return dialog.dismiss()
      })
      await field(page).click()
      await page.getByRole('link', { name: 'JSON', exact: true }).click()
      await page.goBack()
      await field(page).fill('{"n":2}')
      await page.getByRole('link', { name: 'Back to the list' }).click()
      await page.waitForTimeout(200)
      assert.deepEqual(asked, ['beforeunload'])
      assert.match(page.url(), /documents\/asked/)
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('asked is stored.').waitFor()
      assert.deepEqual(asked, ['beforeunload'])
      await world.remove('asked')
      await page.context().close()
    })

    it('is sent by Ctrl+Enter and by Cmd+Enter', async () => {
      for (const key of ['Control+Enter', 'Meta+Enter']) {
        const page = await world.open(view)
        await page.getByText('Add a document').click()
        await field(page).fill('{"_id":"by key"}')
        await page.keyboard.press(key)
        await page.getByText('by key is stored.').waitFor()
        await world.remove('by key')
        await page.context().close()
      }
    })
  }
})

eachView('a removal', (view, world) => {
  it('is asked for by name, and can be cancelled', async () => {
    const page = await world.open(view)
    const card = page.locator('.card').nth(6)
    const id = (await card.getAttribute('data-id')) ?? ''
    const before = await world.read(id)
    await card.getByRole('link', { name: `Delete ${id}` }).click()
    await page.getByRole('heading', { name: `Delete ${id} for good?` }).waitFor()
    assert.equal(await page.locator('dialog[open]').count(), view.hasScripts ? 1 : 0)
    assert.match(
      (await page.locator('.removal pre').textContent()) ?? '',
      new RegExp(`"_id": "${id}"`),
    )
    await page.getByRole('link', { name: 'Cancel' }).click()
    if (view.hasScripts) await page.locator('dialog').waitFor({ state: 'detached' })
    else await page.waitForURL(new RegExp(`#at-${id}$`))
    assert.ok(await cardOf(page, id).isVisible())

    await cardOf(page, id)
      .getByRole('link', { name: `Delete ${id}` })
      .click()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText(`There is no document ${id}.`).waitFor()
    await world.put(id, before)
    await page.context().close()
  })

  it('of what somebody changed meanwhile deletes nothing', async () => {
    await world.put('meanwhile', '{"n":1}')
    const page = await world.open(view, '/page/removals/meanwhile')
    await world.put('meanwhile', '{"n":2}')
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('Nothing was deleted.').waitFor()
    assert.equal(await world.read('meanwhile'), '{"_id":"meanwhile","n":2}\n')
    await page.getByRole('button', { name: 'Delete it anyway' }).click()
    await page.getByText('There is no document meanwhile.').waitFor()
    await page.context().close()
  })
})
