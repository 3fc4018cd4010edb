// npm run screenshots: the pictures in docs/, of the page in light and dark and of a load test.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadReport } from '../../../deploy/load/load-report.ts'
import { readSamples } from '../../../deploy/load/load-samples.ts'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { runService } from '../../support/running-service.ts'
import { startBrowser } from './browser.ts'

const documents = [
  '{"_id":"CHE","name":{"common":"Switzerland"},"capital":["Bern"],"area":41284}',
  '{"sensor":"roof-7","celsius":-3.5,"tags":["north","calibrated"]}',
  '{"order":4711,"lines":[{"sku":"A-1","count":2},{"sku":"B-9","count":1}],"paid":true}',
  '{"name":"Ada","born":1815,"notes":{"3":"three","1":"one"}}',
  '{"counter":9007199254740993,"note":"64-bit numbers come back exactly","place":{"lat":47.3769,"lon":8.5417},"ok":true}',
]

const folder = mkdtempSync(join(tmpdir(), 'screenshots-'))
const service = await runService(openSqliteStore(join(folder, 'documents.db')))
const browser = await startBrowser()
try {
  for (const document of documents) await service.client.post(document)
  mkdirSync('docs', { recursive: true })

  const size = { viewport: { width: 1000, height: 1100 }, timezoneId: 'Europe/Zurich' }
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await browser.open(service.client.base, { ...size, colorScheme })
    await page.getByText('Europe/Zurich').waitFor()
    await page.locator('summary.card-head').first().click()
    const file = colorScheme === 'light' ? 'docs/page.png' : 'docs/page-dark.png'
    await page.locator('main').screenshot({ path: file })
    await page.context().close()
  }

  const report = join(folder, 'load.html')
  const recorded = new URL('../../support/deploy/recorded/load.json', import.meta.url)
  writeFileSync(report, loadReport(readSamples(readFileSync(recorded, 'utf8'))))
  const { page } = await browser.open(pathToFileURL(report).href, { ...size, colorScheme: 'light' })
  await page.locator('figure canvas').last().waitFor()
  await page.screenshot({ path: 'docs/load.png', fullPage: true })
} finally {
  await browser.close()
  await service.close()
  rmSync(folder, { recursive: true, force: true })
}
