// The rows of the route table for the page, each with what /openapi.json says of it.
import type { AccessScope } from '../http/access.ts'
import type { BodyLimits } from '../http/body.ts'
import { sendEmpty } from '../http/exchange.ts'
import type { ProblemCode } from '../http/problem.ts'
import type { Route } from '../http/route.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { addHandler } from './add.ts'
import { assetRoutes } from './assets.ts'
import { changeHandler, showHandler } from './edit.ts'
import { formType } from './form.ts'
import { homeHandler, textType } from './home.ts'
import { liveListHandler } from './live-list.ts'
import { htmlType } from './send-page.ts'

const content = { 'text/html': { schema: { type: 'string' } } }
const page = (description: string) => ({ description, content })
// Before the form is read it can only be refused as problem details; afterwards as a page.
const refused = (description: string) => ({
  description,
  content: {
    ...content,
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  },
})
const unavailable = { 503: refused('The database does not answer, or there is too much to do.') }
const ofForm: Readonly<Record<number, object>> = {
  303: {
    description: 'Done.',
    headers: { Location: { description: 'The page.', schema: { type: 'string' } } },
  },
  400: refused('The text is no JSON, or the form is none of the page’s.'),
  409: refused('A document with this _id is there already.'),
  413: refused('The form or the document is too large.'),
  422: refused('The document cannot be kept exactly.'),
  ...unavailable,
  507: refused('There is no room left to store the document.'),
}
const formProblems: readonly ProblemCode[] = [
  ...(['length_required', 'unsupported_media_type', 'request_timeout'] as const),
]
const form = (properties: object, required: readonly string[]) => ({
  required: true,
  content: { [formType]: { schema: { type: 'object', properties, required } } },
})
const text = { type: 'string', description: 'The JSON text of the document.' }
const idParameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The _id of the document.',
  schema: { type: 'string' },
}
const before = {
  name: 'before',
  in: 'query',
  description: 'Begins after this _id instead of with the newest document.',
  schema: { type: 'string' },
}
const doneTo = (name: string) => ({
  name,
  in: 'query',
  description: 'The _id that a form was about: the page says whether that document is there.',
  schema: { type: 'string' },
})

const html = { produces: [htmlType], lenient: true }

/**
 * The routes of the page. A browser cannot send the token with a form: where writing needs it there are
 * no forms, and where reading does there is no list.
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
  return [
    {
      method: 'GET',
      path: '/',
      produces: [textType, htmlType],
      lenient: true,
      // With the token for all it shows no document.
      open: true,
      handle: homeHandler(store, scope),
      operation: {
        operationId: 'getHome',
        summary: 'The date and time of the server; for a browser, the newest documents too',
        parameters: [before, ...['added', 'saved', 'removed'].map(doneTo)],
        responses: {
          200: {
            description: 'A page for `Accept: text/html`, one line of text for anything else.',
            content: { 'text/plain': { schema: { type: 'string' } }, ...content },
          },
          ...unavailable,
        },
      },
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
      operation: {
        operationId: 'getNewest',
        summary: 'The list of the page alone, newest documents first',
        parameters: [before],
        responses: { 200: page('A part of a page.'), 304: { description: 'Nothing has changed.' } },
        problems: ['store_unavailable', 'overloaded'],
      },
    },
  ]
}

function formRoutes(store: DocumentStore, limits: BodyLimits): Route[] {
  return [
    {
      method: 'GET',
      path: '/page/documents',
      ...html,
      handle: (exchange) => sendEmpty(exchange, 303, ['Location', '/']),
      operation: {
        operationId: 'leaveForm',
        summary: 'Leads to the page, for who opens the address of its form',
        responses: { 303: ofForm[303] ?? {} },
      },
    },
    {
      method: 'POST',
      path: '/page/documents',
      ...html,
      handle: addHandler(store, limits),
      operation: {
        operationId: 'addByForm',
        summary: 'The form of the page that adds a document',
        requestBody: form({ document: text }, ['document']),
        responses: ofForm,
        problems: formProblems,
      },
    },
    {
      method: 'GET',
      path: '/page/documents/{id}',
      ...html,
      handle: showHandler(store, limits),
      operation: {
        operationId: 'showDocument',
        summary: 'A page with one document and the form that changes it',
        parameters: [idParameter],
        responses: {
          200: page('The page.'),
          404: refused('There is no such document.'),
          ...unavailable,
        },
        problems: ['invalid_path', 'overloaded'],
      },
    },
    {
      method: 'POST',
      path: '/page/documents/{id}',
      ...html,
      handle: changeHandler(store, limits),
      operation: {
        operationId: 'changeByForm',
        summary: 'The forms of the page that save and remove a document',
        parameters: [idParameter],
        requestBody: form(
          {
            do: { enum: ['save', 'remove'] },
            etag: { type: 'string', description: 'Of the version that was opened; empty: none.' },
            document: text,
          },
          ['etag', 'do'],
        ),
        responses: {
          ...ofForm,
          412: page('Somebody changed the document in the meantime; both versions.'),
        },
        problems: formProblems,
      },
    },
  ]
}
