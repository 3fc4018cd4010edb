// The page's own files, served from memory: style, browser module and icon.
import { readFileSync } from 'node:fs'
import type { Route } from '../http/route.ts'
import { sendTagged, weakTag } from './send-page.ts'

const script = 'text/javascript; charset=utf-8'
const types: Readonly<Record<string, string>> = {
  'style.css': 'text/css; charset=utf-8',
  'live.js': script,
  'clocks.js': script,
  'dialog.js': script,
  'forms.js': script,
  'list.js': script,
  'icon.svg': 'image/svg+xml',
}

/**
 * A route for each file. The address stays and the client asks each time: with a hash in it, a page
 * of one version would ask a pod of the other for a file that it does not have.
 */
export const assetRoutes = (): Route[] =>
  Object.entries(types).map(([file, type]) => {
    const text = readFileSync(new URL(`./assets/${file}`, import.meta.url), 'utf8')
    const etag = weakTag(text)
    return {
      method: 'GET',
      path: `/page/${file}`,
      produces: [type],
      lenient: true,
      quiet: true,
      open: true,
      handle: (exchange) => sendTagged(exchange, etag, () => text),
      operation: {},
    }
  })
