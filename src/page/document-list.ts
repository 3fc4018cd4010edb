// The list of documents on the page, and the links to the pages beside this one.
import { timestamp } from './clock.ts'
import { type Html, html } from './html.ts'
import type { ListedDocument, NewestPage } from './newest.ts'
import { prettyHtml } from './pretty-json.ts'
import { removal } from './removal.ts'
import { weakTag } from './send-page.ts'
import { madeAt } from './stored-document.ts'

const gistLength = 120

/** The address of the page that shows one document and lets people change it. */
export const documentPage = (id: string): string => `/page/documents/${encodeURIComponent(id)}`

/** The list and its links, as the page has them and as the browser's module asks for them. */
export const documentList = ({ documents, next, before }: NewestPage): Html => html`
<ol id="documents" class="cards">${documents.map(card)}</ol>
${documents.length === 0 ? empty(before) : html``}
<nav class="pages" aria-label="Pages of documents">
${before === undefined ? html`` : html`<a href="/#list">Newest</a>`}
${next === undefined ? html`` : html`<a rel="next" href="/?before=${encodeURIComponent(next)}#list">Older</a>`}
</nav>`

/** A tag that changes with any document of the page. */
export const listTag = ({ documents, next }: NewestPage): string =>
  weakTag([...documents.map(({ id, etag }) => `${id} ${etag}`), next].join('\n'))

const empty = (before: string | undefined) =>
  before === undefined
    ? html`<p class="empty">No documents yet. The form above adds the first.</p>`
    : html`<p class="empty">No older documents.</p>`

function card({ id, etag, json, bytes, whole }: ListedDocument, index: number): Html {
  return html`<li class="card" data-id="${id ?? json.slice(0, gistLength)}" data-etag="${etag}">
<details${index === 0 ? html` open` : html``}>
<summary class="card-head"><span class="head"><code class="id">${id ?? '(an _id of another kind)'}</code>${made(id)}</span>
<code class="gist">${gist(json)}</code></summary>
<pre class="card-json">${prettyHtml(json)}${whole ? html`` : cut(bytes)}</pre>
${id === undefined ? html`` : actions(id, etag)}
</details>
</li>
`
}

function made(id: string | undefined): Html {
  const date = id === undefined ? undefined : madeAt(id)
  if (!date) return html``
  return html`<time datetime="${date.toISOString()}">${timestamp(date)}</time>`
}

// The document without its _id, which stands beside it already.
const gist = (json: string) =>
  json.replace(/^\{"_id":"(?:[^"\\]|\\.){0,300}",?/, '{').slice(0, gistLength)

const cut = (bytes: number) => html`\n<em>... ${bytes.toLocaleString('en-GB')} bytes in all</em>`

const actions = (id: string, etag: string) => html`<div class="actions card-actions">
<a href="${documentPage(id)}" aria-label="Edit ${id}">Edit</a>
<a href="/data/${encodeURIComponent(id)}" aria-label="JSON of ${id}">JSON</a>
${removal(id, etag)}
</div>`
