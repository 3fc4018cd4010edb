// Every state of the page can be used by everybody: by axe's rules, with texts of any kind, and with no text at all.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { it } from 'node:test'
import { promisify } from 'node:util'
import { BSON } from 'mongodb'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { treeOf } from '../../support/deploy/powershell-tree.ts'
import { runService } from '../../support/running-service.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { assertAccessible } from './accessibility.ts'
import { cardOf, eachView } from './views.ts'

const run = promisify(execFile)
const noBash = process.platform === 'win32' ? 'there is no bash' : false

eachView('everybody', (view, world) => {
  if (view.hasScripts) {
    it('can use each state of the page, as far as axe can tell', async () => {
      const long = 'word '.repeat(80)
      await world.put('axe', `{"text":"x","list":[1,true,null],"deep":{"long":"${long}"}}`)
      const page = await world.open(view, '/?saved=axe')
      await assertAccessible(page, 'the page')
      await page.locator('textarea').fill(`{"${'long'.repeat(60)}": 1e999}`)
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('alert').getByText('Line 1').waitFor()
      await assertAccessible(page, 'the page with a fault')
      await page.goto(`${world.base}/page/documents/axe`)
      await assertAccessible(page, 'a document')
      await world.put('axe', `{"changed":${Math.random()}}`)
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Someone else saved').waitFor()
      await assertAccessible(page, 'a conflict')
      await world.remove('axe')
      await page.getByRole('button', { name: 'Overwrite with mine' }).click()
      await page.getByText('Someone else deleted').waitFor()
      await assertAccessible(page, 'a conflict with a removal')
      await page.getByRole('button', { name: 'Store mine again' }).click()
      await page.getByRole('link', { name: 'Delete axe' }).click()
      await page.locator('dialog[open]').waitFor()
      await assertAccessible(page, 'a dialog')
      const [found, none, wrong] = ['/?where=n:exists=false', '/?where=n:eq=none', '/?where=n:is=1']
      for (const path of ['/page/removals/axe', '/page/documents/none', found, none, wrong]) {
        await page.goto(world.base + path)
        await assertAccessible(page, path)
      }
      await world.remove('axe')
      await page.context().close()
    })
  }

  it('sees what reverses a text or is invisible, and no text reaches into another', async () => {
    const unseen = '\u202eevil\u202c \u200bzero\u00ad \ufeffmark \u{e0041}tag'
    const id = `turned ${unseen}`
    await world.put(id, JSON.stringify({ [unseen]: unseen, hebrew: 'שלום', list: ['אבג', 'דהו'] }))
    const address = encodeURIComponent(id)
    for (const path of [
      `/?saved=${address}`,
      `/page/documents/${address}`,
      `/page/removals/${address}`,
    ]) {
      const page = await world.open(view, path)
      const text = (await page.locator('main').textContent()) ?? ''
      assert.doesNotMatch(text, /[\u202e\u202c\u200b\u00ad\ufeff\u{e0041}]/u, path)
      assert.match(
        text,
        /\\u202eevil\\u202c \\u200bzero\\u00ad \\ufeffmark \\udb40\\udc41tag/,
        path,
      )
      assert.ok(!(await page.title()).includes('\u202e'))
      const isolated = `[...document.querySelectorAll('main pre :is(i, samp), main code')]
        .every((each) => getComputedStyle(each).unicodeBidi.startsWith('isolate'))`
      assert.equal(await page.evaluate(isolated), true, path)
      await page.context().close()
    }
    const page = await world.open(view, `/page/documents/${address}`)
    const before = await world.read(id)
    await page.getByRole('button', { name: 'Save' }).click()
    await cardOf(page, id).waitFor()
    assert.equal(await world.read(id), before)
    await world.remove(id)
    await page.context().close()
  })

  it('sees the U+0000 that another program wrote', async () => {
    const store = openSqliteStore(join(temporaryFolder(), 'nul.db'))
    const service = await runService(store)
    const bson = BSON.serialize({ _id: 'a\0b', text: 'c\0d' })
    await store.insert([{ id: 'a\0b', bson }])
    const page = await world.open(view, service.client.base)
    assert.equal(await page.locator('.id').textContent(), 'a\\u0000b')
    assert.match((await page.locator('.gist').textContent()) ?? '', /"c\\u0000d"/)
    await page.context().close()
    await service.close()
  })

  it('finds in an empty list the commands that fill it, and they do', {
    skip: noBash,
  }, async () => {
    const service = await runService(openSqliteStore(join(temporaryFolder(), 'empty.db')))
    const page = await world.open(view, service.client.base)
    const [bash = '', powershell = '', sample = '', ...more] = await page
      .locator('.empty pre')
      .allTextContents()
    assert.deepEqual(more, [])
    if (view.hasScripts) await assertAccessible(page, 'an empty list')
    assert.equal(treeOf(powershell).hasError, false, powershell)
    assert.ok(powershell.includes(` -Uri ${service.client.base}/data `), powershell)
    await run('bash', ['-c', bash])
    assert.match((await service.client.get('/data')).text, /"name":"Ada","born":1815/)
    if (view.isPhone && view.hasScripts) {
      await run('bash', ['-c', sample])
      await page.locator('.count', { hasText: /^251 documents/ }).waitFor()
      assert.equal(await page.locator('.empty').count(), 0)
    }
    await page.context().close()
    await service.close()
  })
})
