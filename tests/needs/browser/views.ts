// The ways in which people see the page: at a desk and on a phone, light and dark, with and without its scripts.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { countries } from '../../support/countries.ts'
import { type RunningService, runService } from '../../support/running-service.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { skipWithoutBrowser, startBrowser, type TestBrowser } from './browser.ts'

export interface View {
  readonly name: string
  readonly isPhone: boolean
  readonly hasScripts: boolean
  readonly options: BrowserContextOptions
}

const views: View[] = []
for (const [place, width, height] of [
  ['at a desk', 1280, 800],
  ['on a phone', 390, 844],
] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const javaScriptEnabled of [true, false]) {
      views.push({
        name: `${place}, ${colorScheme}, ${javaScriptEnabled ? 'with' : 'without'} scripts`,
        isPhone: width < 640,
        hasScripts: javaScriptEnabled,
        options: {
          viewport: { width, height },
          colorScheme,
          javaScriptEnabled,
          timezoneId: 'Asia/Tokyo',
        },
      })
    }
  }
}

export interface World {
  readonly base: string
  readonly service: RunningService
  /** A page of this view, of this service or of another. */
  open(view: View, path?: string): Promise<Page>
  put(id: string, body: string): Promise<string>
  read(id: string): Promise<string>
  remove(id: string): Promise<void>
}

/** Defines the tests of each view, beside a service that has the 250 countries and two documents more. */
export function eachView(what: string, define: (view: View, world: World) => void): void {
  describe(what, { skip: skipWithoutBrowser(), timeout: 600_000 }, () => {
    let browser: TestBrowser
    let service: RunningService
    const elsewhere: string[] = []
    const complaints: string[][] = []
    before(async () => {
      service = await runService(openSqliteStore(join(temporaryFolder(), 'views.db')))
      const documents = countries.map((country) =>
        Object.assign({ _id: Reflect.get(Object(country), 'cca3') }, country),
      )
      await service.client.post(JSON.stringify(documents))
      await service.client.post('{"sensor":"roof-7","celsius":-3.5,"tags":["north"]}')
      await service.client.post('{"order":4711,"lines":[{"sku":"A-1","count":2}],"paid":true}')
      browser = await startBrowser()
    })
    after(async () => {
      await browser?.close()
      await service?.close()
    })

    const address = (id: string) => `/data/${encodeURIComponent(id)}`
    const world: World = {
      get base() {
        return service.client.base
      },
      get service() {
        return service
      },
      async open(view, path = '/') {
        const { page, complaints: said } = await browser.open('about:blank', view.options)
        complaints.push(said)
        const { href, origin } = new URL(path, world.base)
        // A test may open an empty page first, or a service of its own.
        const own = [origin, new URL(world.base).origin]
        page.on('request', (request) => {
          if (!own.includes(new URL(request.url()).origin)) elsewhere.push(request.url())
        })
        await page.goto(href)
        return page
      },
      async put(id, body) {
        const headers = { 'content-type': 'application/json' }
        const answer = await service.client.send('PUT', address(id), { body, headers })
        return answer.headers.get('etag') ?? ''
      },
      read: async (id) => (await service.client.get(address(id))).text,
      remove: async (id) => {
        await service.client.send('DELETE', address(id))
      },
    }
    for (const view of views) {
      describe(view.name, () => define(view, world))
    }

    it('asks nothing of another site, and the browser has nothing to complain of', () => {
      assert.deepEqual(elsewhere, [])
      // It names each answer over 399.
      const others = complaints.flat().filter((text) => !text.startsWith('Failed to load resource'))
      assert.deepEqual(others, [])
    })
  })
}

/** The box of an element that there must be. */
export async function boxOf(locator: Locator) {
  const box = await locator.boundingBox()
  assert.ok(box, `${locator} is not to be seen`)
  return { ...box, right: box.x + box.width, bottom: box.y + box.height }
}

export const cardOf = (page: Page, id: string): Locator => page.locator(`li[data-id="${id}"]`)
