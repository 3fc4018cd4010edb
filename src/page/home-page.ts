// The page at /: clocks, who answered, the form that adds a document, and the newest documents.
import { hostname } from 'node:os'
import type { AccessScope } from '../http/access.ts'
import type { Problem } from '../http/problem.ts'
import type { DocumentStore } from '../store/document-store.ts'
import type { ListPosition } from './addresses.ts'
import { renderClocks } from './clock.ts'
import { documentField, renderFault } from './document-field.ts'
import {
  changeNotice,
  documentList,
  type ListOptions,
  listEntityTag,
  matchList,
} from './document-list.ts'
import type { Draft } from './document-page.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import type { ListQuery } from './list-query.ts'
import type { NewestPage } from './newest.ts'
import { queryFields } from './query-fields.ts'
import type { MatchResults } from './read-matches.ts'

export type Listed = NewestPage | MatchResults | Problem

export interface Home {
  readonly store: DocumentStore
  /** Where the service is. */
  readonly origin: string
  /** What needs the token, and so cannot be done here. Undefined: nothing. */
  readonly scope?: AccessScope | undefined
  /** The documents, or why there are none to show; left out if reading needs the token. */
  readonly list?: Listed
  /** What the list was asked for. Undefined: the newest. */
  readonly asked?: ListQuery | undefined
  /** Which page of the list it is, left out for the newest. */
  readonly place?: ListPosition
  /** The document of the form that led to this page. */
  readonly named?: Readonly<{ id: string; isThere: boolean; isListed: boolean }> | undefined
  readonly draft?: Draft | undefined
}

/** The whole page. */
export const homePage = async (home: Home): Promise<Html> => {
  const { store, scope, draft } = home
  return layout(
    draft ? 'Not added - Data service' : 'Data service',
    html`<header>
<h1>Data service</h1>
<p class="served">Answered by <b id="pod">${hostname()}</b> from <b>${store.name}</b></p>
</header>
${renderClocks(new Date())}
${scope !== undefined && tokenSection(scope)}
${scope !== 'all' && (await tools(home))}
${await listSection(home)}`,
  )
}

const tools = async ({ scope, draft, asked }: Home) => html`<div class="tools">
${scope === undefined && (await addForm(draft))}
${scope === undefined && openForm}
${queryFields(asked)}
</div>`

const addForm = async (
  draft: Draft | undefined,
) => html`<details class="add"${draft && html` open`}>
<summary class="button primary">Add a document</summary>
<form method="post" action="/page/documents" class="document">
${await documentField({ label: 'JSON', text: draft?.text ?? '', problem: draft?.problem, isUnsaved: draft !== undefined, example })}
<div class="actions"><button class="primary">Add</button>
<p class="hint">An object. It comes back equal in value, its members in their order. Give it an <code>_id</code> of your own, or get one.</p></div>
</form>
</details>`

const openForm = html`<form method="get" action="/page/documents" class="open">
<label for="id">Open _id</label>
<input id="id" name="id" required autocapitalize="off" spellcheck="false">
<button>Open</button>
</form>`

const tokenSection = (scope: AccessScope) => html`<section aria-labelledby="token">
<h2 id="token">${scope === 'all' ? 'Reading and writing need a token' : 'Writing needs a token'}</h2>
<p>So this page has no forms${scope === 'all' ? ' and shows no documents' : ''}. A client of the API sends the token with each request:
<code>Authorization: Bearer ...</code> See <a href="/openapi.json">/openapi.json</a>.</p>
</section>`

async function listSection({ list, asked, scope, origin, named, place = '' }: Home): Promise<Html> {
  if (list === undefined) return html``
  const stored = named?.isListed ? named.id : undefined
  const options = { forms: scope === undefined, origin, stored, place }
  return html`<section aria-labelledby="list">
<div class="list-head"><h2 id="list" tabindex="-1">Documents</h2>
${!asked && live}</div>
${named && !named.isListed && changeNotice(named.id, named.isThere)}
${await listBody(list, asked, options)}
</section>`
}

const live = html`<p id="live" class="live" role="status"></p>
<button id="pause" hidden>Pause</button>`

// Only the list of the newest is kept up to date.
const listBody = (
  list: Listed,
  asked: ListQuery | undefined,
  options: ListOptions,
): Html | Promise<Html> => {
  if ('before' in list) return liveList(list, options)
  if ('documents' in list) return asked ? matchList(asked, list, options) : html``
  return asked ? renderFault(list) : noList(list)
}

const example = `{
  "name": "Ada",
  "born": 1815
}`

const liveList = async (
  list: NewestPage,
  options: ListOptions,
) => html`<div id="newest" data-etag="${listEntityTag(list)}"
data-from="/page/newest${options.place === '' ? '' : `?${options.place}`}">
${await documentList(list, options)}
</div>`

// The module keeps asking, and puts the documents here when the store is back.
const noList = (problem: Problem) => html`<div id="newest" data-etag="" data-from="/page/newest">
${renderFault(problem)}
<ol id="documents" class="cards"></ol>
</div>`
