// The rows of the route table for the page and its files.

import { readFileSync } from 'node:fs'
import type { AccessScope } from '../http/access.ts'
import type { BodyLimits } from '../http/body.ts'
import type { Route } from '../http/route.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { addHandler } from './add.ts'
import { positionParameters } from './addresses.ts'
import { changeHandler, confirmRemovalHandler, redirectToDocument, showHandler } from './edit.ts'
import { formType } from './form.ts'
import { homeHandler, liveListHandler, textType } from './home.ts'
import { modules } from './layout.ts'
import { htmlType, sendTagged, weakTag } from './send-page.ts'

const taking = (...names: readonly string[]) => ({
  parameters: names.map((name) => ({ name, in: 'query' })),
})
const atPlace = taking(...positionParameters)
const ofHome = taking(...positionParameters, 'added', 'saved', 'removed')
const ofNewest = taking('before')
const form = { content: { [formType]: {} } }

const page = (
  method: Route['method'],
  path: string,
  handle: Route['handle'],
  operation: Route['operation'],
): Route => ({ method, path, produces: [htmlType], lenient: true, handle, operation })

/**
 * The routes of the page. A browser cannot send the token with a form: if writing needs it there are no forms, and if
 * reading does no list.
 */
export const pageRoutes = (
  store: DocumentStore,
  limits: BodyLimits,
  scope: AccessScope | undefined,
): Route[] => [
  // With the token for all it shows no document.
  {
    ...page('GET', '/', homeHandler(store, scope), ofHome),
    produces: [textType, htmlType],
    open: true,
  },
  ...(scope === 'all'
    ? []
    : [{ ...page('GET', '/page/newest', liveListHandler(store, scope), ofNewest), quiet: true }]),
  ...(scope === undefined ? formRoutes(store, limits) : []),
  ...assetRoutes(),
]

const formRoutes = (store: DocumentStore, limits: BodyLimits): Route[] => [
  page('GET', '/page/documents', redirectToDocument, taking('id')),
  page('POST', '/page/documents', addHandler(store, limits), { requestBody: form }),
  page('GET', '/page/documents/{id}', showHandler(store, limits), atPlace),
  page('POST', '/page/documents/{id}', changeHandler(store, limits), {
    ...atPlace,
    requestBody: form,
  }),
  page('GET', '/page/removals/{id}', confirmRemovalHandler(store), atPlace),
]

const script = 'text/javascript; charset=utf-8'
const types: Readonly<Record<string, string>> = {
  'style.css': 'text/css; charset=utf-8',
  'live.js': script,
  ...Object.fromEntries(modules.map((name) => [`${name}.js`, script])),
  'icon.svg': 'image/svg+xml',
}

/**
 * A route for each file. The address stays the same and the client validates each time: with a hash in it, a page of
 * one version would ask a pod of another for a file that it does not have.
 */
const assetRoutes = (): Route[] =>
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
