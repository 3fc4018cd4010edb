// The list of the documents that match a visitor's query, and the links to its other pages.
import { listAddress, listPosition } from './addresses.ts'
import { type CardOptions, documentCards, groupDigits } from './document-list.ts'
import { abbreviateText, type Html, html } from './html.ts'
import type { ListQuery } from './list-query.ts'
import type { MatchResults } from './read-matches.ts'

/** The list and its links. */
export async function matchList(
  { where, sort, isFirst }: ListQuery,
  { documents, next, count }: MatchResults,
  options: CardOptions,
): Promise<Html> {
  const verb = where === '' ? '' : count === '1' ? ' matches' : ' match'
  const order = sort === '' ? html`newest first` : html`by <code>${abbreviateText(sort)}</code>`
  const pageFrom = (after?: string) =>
    listAddress(listPosition((name) => ({ where, sort, after, before: '' })[name]))
  return html`
<p class="count"><b>${groupDigits(count)}</b> ${count === '1' ? 'document' : 'documents'}${verb}, ${order}.</p>
<ol id="documents" class="cards">${await documentCards(documents, options)}</ol>
${documents.length > 0 ? html`` : html`<p class="empty">${next === undefined ? 'There is none on this page.' : 'None of those that were looked at match. The next page looks further.'}</p>`}
<nav class="pages" aria-label="Pages of documents">
${isFirst ? html`` : html`<a href="${pageFrom()}">First</a>`}
${next === undefined ? html`` : html`<a rel="next" href="${pageFrom(next)}">Next</a>`}
</nav>`
}
