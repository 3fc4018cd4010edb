// A real Chromium for the tests of the page: Debian's package, or the program that CHROMIUM names.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { skipWithout } from '../../support/tool.ts'

const program = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** The reason to skip what needs the browser, or false. */
export const skipWithoutBrowser = (): string | false => skipWithout(program, '--version')

export interface TestBrowser {
  /** A page with a profile of its own. What it logs as an error fails the test that asks for it. */
  open(url: string, options?: BrowserContextOptions): Promise<OpenPage>
  close(): Promise<void>
}

export interface OpenPage {
  readonly page: Page
  /** What the browser complained of: script errors, refused styles, failed requests. */
  readonly complaints: string[]
}

/** Starts the browser, with more arguments of its own. */
export async function startBrowser(more: readonly string[] = []): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: program,
    // Chromium's sandbox refuses to run as root, as in a container.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...more],
  })
  return { open: (url, options) => openPage(browser, url, options), close: () => browser.close() }
}

async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}
