// The page at /: clocks, who answered, the form that adds a document, and the newest documents.
import { hostname } from 'node:os'
import type { AccessScope } from '../http/access.ts'
import type { Problem } from '../http/problem.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { clocks } from './clock.ts'
import { documentField, faultOf } from './document-field.ts'
import { documentList, documentPage, listTag } from './document-list.ts'
import { type Html, html, shortened } from './html.ts'
import { layout } from './layout.ts'
import type { NewestPage } from './newest.ts'

export interface Home {
  readonly store: DocumentStore
  /** What needs the token, and so cannot be done here; undefined: nothing. */
  readonly scope?: AccessScope | undefined
  /** The documents, or why there are none to show; left out where reading needs the token. */
  readonly list?: NewestPage | Problem
  /** What became of the form before this page. */
  readonly notice?: Html | undefined
  readonly draft?: { readonly text: string; readonly problem: Problem } | undefined
}

/** The whole page. */
export const homePage = async ({ store, scope, list, notice, draft }: Home): Promise<Html> =>
  layout({
    title: draft ? 'Not added - Data service' : 'Data service',
    main: html`<header>
<h1>Data service</h1>
<p class="served">Answered by <b id="pod">${hostname()}</b> from <b>${store.name}</b></p>
</header>
<section class="clocks" aria-label="Date and time">
${clocks(new Date())}
</section>
${notice ?? html``}
${scope === undefined ? await addSection(draft) : tokenSection(scope)}
${list === undefined ? html`` : await listSection(list, scope === undefined)}`,
  })

const addSection = async (draft: Home['draft']) => html`<section aria-labelledby="add">
<h2 id="add">Add a document</h2>
<form method="post" action="/page/documents" class="document">
${await documentField({ label: 'JSON', text: draft?.text ?? '', problem: draft?.problem, example })}
<div class="actions"><button class="primary">Add</button>
<p class="hint">An object. It comes back equal in value, its members in their order. Give it an <code>_id</code> of your own, or get one.</p></div>
</form>
</section>`

const tokenSection = (scope: AccessScope) => html`<section aria-labelledby="token">
<h2 id="token">${scope === 'all' ? 'Reading and writing need a token' : 'Writing needs a token'}</h2>
<p>So this page has no forms${scope === 'all' ? ' and shows no documents' : ''}. A client of the API sends the token with each request:
<code>Authorization: Bearer ...</code> See <a href="/openapi.json">/openapi.json</a>.</p>
</section>`

const listSection = async (
  list: NewestPage | Problem,
  forms: boolean,
) => html`<section aria-labelledby="list">
<div class="list-head"><h2 id="list" tabindex="-1">Documents, newest first</h2>
<button id="pause" aria-pressed="false" hidden>Pause</button></div>
<p class="hint">Assigned _ids first, by time; then those that somebody chose.</p>
<p id="live" class="live" role="status"></p>
${'documents' in list ? await liveList(list, forms) : noList(list)}
</section>`

const example = `{
  "name": "Ada",
  "born": 1815
}`

/** The part that the browser's module keeps up to date. */
const liveList = async (
  list: NewestPage,
  forms: boolean,
) => html`<div id="newest" data-etag="${listTag(list)}"
data-from="/page/newest${list.before === undefined ? '' : `?before=${encodeURIComponent(list.before)}`}">
${await documentList(list, forms)}
</div>`

// The module asks on, and puts the documents here when the store is back.
const noList = (problem: Problem) => html`<div id="newest" data-etag="" data-from="/page/newest">
${faultOf(problem)}
<ol id="documents" class="cards"></ol>
</div>`

/**
 * What is so of the document that the query names, whoever made the link: a form leads here with the
 * document that it added, saved or removed.
 */
export const noticeOf = (id: string, isThere: boolean): Html => html`
<p class="notice" role="status">${
  isThere
    ? html`<a href="${documentPage(id)}"><code>${shortened(id)}</code></a> is stored.`
    : html`There is no document <code>${shortened(id)}</code>.`
}</p>`
