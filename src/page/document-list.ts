// The lists of documents on the page, newest first or those that match, and the links to their other pages.

import { nextPiece } from '../fair-turns.ts'
import { visibleText } from '../shown-text.ts'
import {
  anchorOf,
  dataPath,
  documentAddress,
  type ListPosition,
  listAddress,
  listPosition,
  listPositionBefore,
  removalAddress,
} from './addresses.ts'
import { formatUtc } from './clock.ts'
import { creationTime, type DocumentPreview, isAddressable } from './document-preview.ts'
import { abbreviateText, type Html, html } from './html.ts'
import { JsonTokens } from './json-tokens.ts'
import type { ListQuery } from './list-query.ts'
import type { NewestPage } from './newest.ts'
import { preformatted, prettyHtml } from './pretty-json.ts'
import type { MatchResults } from './read-matches.ts'
import { weakTag } from './send-page.ts'

const gistLength = 120
// Characters of markup of one document. A country, with 4 kB of JSON, has 7,000.
const cardLength = 32 * 1024
// Characters of JSON that are laid out in one turn of the event loop, in 3 ms at most.
const pieceLength = 16 * 1024
// Rows of JSON that an open card shows: 24 rem (style.css). A card with more has a button.
const cardRows = 17

export interface ListOptions {
  /** With ways to change a document. */
  readonly forms: boolean
  /** The document that was added or saved just now. */
  readonly stored?: string | undefined
  /** Their page of the list. */
  readonly place: ListPosition
  /** Where the service is, for the commands of an empty list. */
  readonly origin: string
}

/** The list and its links, as the page has them and as the browser's module asks for them. */
export const documentList = (page: NewestPage, options: ListOptions): Promise<Html> =>
  listOf(page, options, {
    order: html`, newest first: assigned _ids by time, then those that somebody chose`,
    empty: empty(page.before, options),
    first: page.before !== undefined && html`<a href="${listAddress('')}">Newest</a>`,
    more: (next) => html`<a rel="next" href="${listAddress(listPositionBefore(next))}">Older</a>`,
  })

interface ListParts {
  readonly order: Html
  /** Instead of the documents, if there are none. */
  readonly empty: Html
  /** The links to the first page and to the next one. */
  readonly first: Html | false
  readonly more: (next: string) => Html
}

const listOf = async (
  { documents, next, count }: Pick<MatchResults, 'documents' | 'next' | 'count'>,
  options: ListOptions,
  { order, empty, first, more }: ListParts,
) => html`
<p class="count"><b>${groupDigits(count)}</b> ${count === '1' ? 'document' : 'documents'}${order}.</p>
<ol id="documents" class="cards">${await documentCards(documents, options)}</ol>
${documents.length === 0 && empty}
<nav class="pages" aria-label="Pages of documents">
${first}
${next !== undefined && more(next)}
</nav>`

async function documentCards(
  documents: readonly DocumentPreview[],
  options: ListOptions,
): Promise<Html[]> {
  const cards: Html[] = []
  let laidOut = 0
  for (const document of documents) {
    cards.push(await card(document, options))
    laidOut += document.json.length
    if (laidOut < pieceLength) continue
    await nextPiece()
    laidOut = 0
  }
  return cards
}

const groupDigits = (count: string) =>
  count.replace(/\d+/, (digits) => Number(digits).toLocaleString('en-GB'))

/** An entity tag that changes with any document of the page, and with their number. */
export const listEntityTag = ({ documents, next, count }: NewestPage): string =>
  weakTag([...documents.map(({ id, etag }) => `${id} ${etag}`), next, count].join('\n'))

function empty(before: string | undefined, { forms, origin }: ListOptions): Html {
  if (before !== undefined) return html`<p class="empty">No older documents.</p>`
  if (!forms) return html`<p class="empty">No documents yet.</p>`
  const sample = /^http:\/\/(?:localhost|127\.0\.0\.1):5000$/.test(origin) ? '' : ` ${origin}`
  return html`<div class="empty"><p>No documents yet. The button above adds the first. In a terminal:</p>
<dl><dt>bash, curl</dt><dd><pre tabindex="0">curl -d '${document}' -H 'Content-Type: application/json' ${origin}/data</pre></dd>
<dt>PowerShell</dt><dd><pre tabindex="0">Invoke-RestMethod -Uri ${origin}/data -Method Post -Body '${document}' -ContentType 'application/json; charset=utf-8'</pre></dd>
<dt>250 countries, in the folder of the project</dt><dd><pre tabindex="0">npm run sample${sample}</pre></dd></dl></div>`
}

const document = '{"name": "Ada", "born": 1815}'

async function card(
  document: DocumentPreview,
  { forms, stored, place }: ListOptions,
): Promise<Html> {
  const { id, etag, json, bytes } = document
  const { lines, whole, rows } = await prettyHtml(json, cardLength)
  const isWhole = document.whole && whole
  const linked = isAddressable(document)
  const name = abbreviateText(id)
  const date = creationTime(id)
  const isStored = id === stored
  return html`<li class="${date ? 'card dated' : 'card'}" data-id="${linked ? id : name}" data-etag="${etag}"${linked && html` id="${anchorOf(id)}"`}>
<details${isStored && html` open`}>
<summary class="card-head"><code class="id">${name}</code>${date && html`<time datetime="${date.toISOString()}">${formatUtc(date)}</time>`}
<code class="gist">${gist(json)}</code></summary>
${isStored && changeNotice(id, true)}
<pre class="card-json" tabindex="0" role="group" aria-label="${name}"><code>${preformatted(lines)}${!isWhole && cut(bytes)}</code></pre>
${rows > cardRows && html`<label class="all button"><input type="checkbox" aria-label="Show all of ${name}"><span>Show all</span><span>Show less</span></label>`}
</details>
${linked ? actions(id, name, place, forms) : html`<p class="hint actions card-actions">Its _id is too long for an address.</p>`}
</li>
`
}

// The document without its _id, which is beside it already.
function gist(json: string): Html[] {
  const text = json.replace(/^\{"_id":"(?:[^"\\]|\\.){0,300}",?/, '{').slice(0, gistLength)
  if (!rightToLeft.test(text)) return [html`${visibleText(text)}`]
  const tokens = new JsonTokens(text)
  const parts: Html[] = []
  while (tokens.next())
    parts.push(html`<bdi>${visibleText(text.slice(tokens.at, tokens.end))}</bdi>`)
  return parts
}

// Hebrew, Arabic and their kin would reorder punctuation and other texts around them.
const rightToLeft =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

const cut = (bytes: number) => html`\n<em>... ${bytes.toLocaleString('en-GB')} bytes in all</em>`

const actions = (
  id: string,
  name: string,
  place: ListPosition,
  forms: boolean,
) => html`<div class="actions card-actions">
${forms && html`<a href="${documentAddress(id, place)}" aria-label="Edit ${name}">Edit</a>`}
<a href="${dataPath(id)}" aria-label="JSON of ${name}">JSON</a>
${forms && html`<a href="${removalAddress(id, place)}" class="delete" aria-label="Delete ${name}">Delete</a>`}
</div>`

/** Whether the document that the query names is stored: a form leads here with its own. */
export const changeNotice = (id: string, isThere: boolean): Html =>
  html`<p class="notice" role="status">${
    isThere
      ? html`<a href="${documentAddress(id)}"><code>${abbreviateText(id)}</code></a> is stored.`
      : html`There is no document <code>${abbreviateText(id)}</code>.`
  }</p>`

/** The list of those that match, and its links. */
export function matchList(
  { where, sort, isFirst }: ListQuery,
  matches: MatchResults,
  options: ListOptions,
): Promise<Html> {
  const verb = where === '' ? '' : matches.count === '1' ? ' matches' : ' match'
  const order = sort === '' ? html`newest first` : html`by <code>${abbreviateText(sort)}</code>`
  const pageFrom = (after?: string) =>
    listAddress(listPosition((name) => ({ where, sort, after, before: '' })[name]))
  return listOf(matches, options, {
    order: html`${verb}, ${order}`,
    empty: html`<p class="empty">${matches.next === undefined ? 'There are none on this page.' : 'None of those that were looked at match. The next page looks further.'}</p>`,
    first: !isFirst && html`<a href="${pageFrom()}">First</a>`,
    more: (next) => html`<a rel="next" href="${pageFrom(next)}">Next</a>`,
  })
}
