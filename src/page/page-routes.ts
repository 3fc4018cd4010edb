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
import { htmlType, sendTagged, weakTag } from './send-page.ts'

const query = (name: string) => ({ name, in: 'query' })

const form = { content: { [formType]: {} } }
const html = { produces: [htmlType], lenient: true }

/**
 * The routes of the page. A browser cannot send the token with a form: if writing needs it there are no
 * forms, and if reading does there is no list.
 */
export const pageRoutes = (
  store: DocumentStore,
  limits: BodyLimits,
  scope: AccessScope | undefined,
): Route[] => [
  ...homeRoutes(store, scope),
  ...(scope === 'all' ? [] : listRoutes(store, scope)),
  ...(scope === undefined ? formRoutes(store, limits) : []),
  ...assetRoutes(),
]

function homeRoutes(store: DocumentStore, scope: AccessScope | undefined): Route[] {
  const names = [...positionParameters, 'added', 'saved', 'removed']
  return [
    {
      method: 'GET',
      path: '/',
      produces: [textType, htmlType],
      lenient: true,
      // With the token for all it shows no document.
      open: true,
      handle: homeHandler(store, scope),
      operation: { parameters: names.map(query) },
    },
  ]
}

function listRoutes(store: DocumentStore, scope: AccessScope | undefined): Route[] {
  return [
    {
      method: 'GET',
      path: '/page/newest',
      ...html,
      quiet: true,
      handle: liveListHandler(store, scope),
      operation: { parameters: [query('before')] },
    },
  ]
}

function formRoutes(store: DocumentStore, limits: BodyLimits): Route[] {
  return [
    {
      method: 'GET',
      path: '/page/documents',
      ...html,
      handle: redirectToDocument,
      operation: { parameters: [query('id')] },
    },
    {
      method: 'POST',
      path: '/page/documents',
      ...html,
      handle: addHandler(store, limits),
      operation: { requestBody: form },
    },
    {
      method: 'GET',
      path: '/page/documents/{id}',
      ...html,
      handle: showHandler(store, limits),
      operation: { parameters: positionParameters.map(query) },
    },
    {
      method: 'POST',
      path: '/page/documents/{id}',
      ...html,
      handle: changeHandler(store, limits),
      operation: { parameters: positionParameters.map(query), requestBody: form },
    },
    {
      method: 'GET',
      path: '/page/removals/{id}',
      ...html,
      handle: confirmRemovalHandler(store),
      operation: { parameters: positionParameters.map(query) },
    },
  ]
}

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
 * A route for each file. The address stays the same and the client validates each time: with a hash in the
 * address, a page of one version would ask a pod of another for a file that it does not have.
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
