// The picture of a load test in a browser that is offline.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { loadReport } from '../../../deploy/load/load-report.ts'
import { readSamples } from '../../../deploy/load/load-samples.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { assertAccessible } from './accessibility.ts'
import { skipWithoutBrowser, startBrowser, type TestBrowser } from './browser.ts'

const recorded = new URL('../../support/deploy/recorded/load.json', import.meta.url)
const file = join(temporaryFolder(), 'load.html')
const drawn = `[...document.querySelectorAll('figure canvas')].map((canvas) =>
  canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte))`

describe('the picture of a load test', { skip: skipWithoutBrowser(), timeout: 120_000 }, () => {
  let browser: TestBrowser
  before(async () => {
    writeFileSync(file, loadReport(readSamples(readFileSync(recorded, 'utf8'))))
    browser = await startBrowser()
  })
  after(() => browser.close())

  it('draws every chart without a network, in light and dark, wide and narrow', async () => {
    for (const options of [
      { colorScheme: 'light', viewport: { width: 1100, height: 900 } },
      { colorScheme: 'dark', viewport: { width: 360, height: 700 } },
    ] as const) {
      const { page, complaints } = await browser.open(pathToFileURL(file).href, {
        ...options,
        offline: true,
      })
      assert.deepEqual(await page.evaluate(drawn), [true, true, true, true])
      assert.match((await page.locator('main').textContent()) ?? '', /Failures 0 failed/)
      const values = page.locator('.u-legend td').first()
      assert.equal(await values.isVisible(), false)
      await page.locator('#rate .u-over').hover()
      assert.match((await values.textContent()) ?? '', /\d/)
      assert.equal(await values.isVisible(), true)
      await page.mouse.move(0, 0)
      await assertAccessible(page, 'the picture of a load test')
      assert.deepEqual(complaints, [])
      await page.context().close()
    }
  })

  it('still has its sentence and its table without scripts', async () => {
    const { page } = await browser.open(pathToFileURL(file).href, { javaScriptEnabled: false })
    assert.match((await page.locator('h1').textContent()) ?? '', /requests failed$/)
    assert.ok((await page.locator('#figures tbody tr').count()) > 100)
  })
})
