// Whether people can use a page: axe-core's rules, and no scrolling sideways.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

// What runs in the browser is text here, since the types of this project have no browser in them.
const openAll = 'for (const each of document.querySelectorAll("details")) each.open = true'
const isNarrow = 'document.documentElement.scrollWidth <= document.documentElement.clientWidth'

/** Fails if axe-core finds a violation, everything that opens opened, or the page is too wide. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(openAll)
  await page.evaluate(axe)
  const found: unknown = await page.evaluate('axe.run().then(({ violations }) => violations)')
  assert.ok(Array.isArray(found))
  const words = found.map((violation) => JSON.stringify(violation, null, 1))
  assert.deepEqual(words, [], `axe has something against ${what}`)
  assert.ok(await page.evaluate(isNarrow), `${what} scrolls sideways`)
}
