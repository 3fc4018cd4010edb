// The list of documents on the page, and the links to the pages beside this one.
import { nextPiece } from '../fair-turns.ts'
import { timestamp } from './clock.ts'
import { type Html, html, shortened } from './html.ts'
import type { NewestPage } from './newest.ts'
import { prettyHtml } from './pretty-json.ts'
import { removal } from './removal.ts'
import { weakTag } from './send-page.ts'
import { isAddressable, madeAt, type StoredDocument } from './stored-document.ts'

const gistLength = 120
// Characters of markup of one document. Of countries, with 4 kB of JSON each, it is 7,000.
const cardLength = 32 * 1024
// Characters of JSON that are laid out in one turn of the event loop, in 3 ms at most.
const pieceLength = 16 * 1024

/** The address of the page that shows one document and lets people change it. */
export const documentPage = (id: string): string => `/page/documents/${encodeURIComponent(id)}`

/**
 * The list and its links, as the page has them and as the browser's module asks for them. `forms`: with
 * ways to change a document.
 */
export async function documentList(page: NewestPage, forms: boolean): Promise<Html> {
  const { documents, next, before } = page
  const cards: Html[] = []
  let laidOut = 0
  for (const document of documents) {
    cards.push(await card(document, cards.length, forms))
    laidOut += document.json.length
    if (laidOut < pieceLength) continue
    await nextPiece()
    laidOut = 0
  }
  return html`
<ol id="documents" class="cards">${cards}</ol>
${documents.length === 0 ? empty(before, forms) : html``}
<nav class="pages" aria-label="Pages of documents">
${before === undefined ? html`` : html`<a href="/#list">Newest</a>`}
${next === undefined ? html`` : html`<a rel="next" href="/?before=${encodeURIComponent(next)}#list">Older</a>`}
</nav>`
}

/** A tag that changes with any document of the page. */
export const listTag = ({ documents, next }: NewestPage): string =>
  weakTag([...documents.map(({ id, etag }) => `${id} ${etag}`), next].join('\n'))

const empty = (before: string | undefined, forms: boolean) =>
  before === undefined
    ? html`<p class="empty">No documents yet.${forms ? ' The form above adds the first.' : ''}</p>`
    : html`<p class="empty">No older documents.</p>`

async function card(document: StoredDocument, index: number, forms: boolean): Promise<Html> {
  const { id, etag, json, bytes } = document
  const shown = await prettyHtml(json, cardLength)
  const whole = document.whole && shown.whole
  const linked = isAddressable(document)
  return html`<li class="card" data-id="${linked ? id : shortened(id)}" data-etag="${etag}">
<details${index === 0 ? html` open` : html``}>
<summary class="card-head"><span class="head"><code class="id">${shortened(id)}</code>${made(id)}</span>
<code class="gist">${gist(json)}</code></summary>
<pre class="card-json">${shown.html}${whole ? html`` : cut(bytes)}</pre>
${linked ? actions(id, etag, forms) : html`<p class="hint card-actions">Its _id is too long for an address.</p>`}
</details>
</li>
`
}

function made(id: string): Html {
  const date = madeAt(id)
  if (!date) return html``
  return html`<time datetime="${date.toISOString()}">${timestamp(date)}</time>`
}

// The document without its _id, which stands beside it already.
const gist = (json: string) =>
  json.replace(/^\{"_id":"(?:[^"\\]|\\.){0,300}",?/, '{').slice(0, gistLength)

const cut = (bytes: number) => html`\n<em>... ${bytes.toLocaleString('en-GB')} bytes in all</em>`

const actions = (
  id: string,
  etag: string,
  forms: boolean,
) => html`<div class="actions card-actions">
${forms ? html`<a href="${documentPage(id)}" aria-label="Edit ${shortened(id)}">Edit</a>` : html``}
<a href="/data/${encodeURIComponent(id)}" aria-label="JSON of ${shortened(id)}">JSON</a>
${forms ? removal(id, etag) : html``}
</div>`
