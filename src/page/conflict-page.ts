// Somebody else was faster: what is stored now beside what was sent, and which of the two is to stay.
import { nextPiece } from '../fair-turns.ts'
import { cardAddress, documentAddress } from './addresses.ts'
import { editForm, removalButtons, shownLength, truncationNotice } from './document-page.ts'
import type { DocumentPreview } from './document-preview.ts'
import { type Html, html, trustedHtml } from './html.ts'
import { documentLayout, type Opened } from './layout.ts'
import { diffLines, type Run } from './line-diff.ts'
import { preformatted, prettyHtml } from './pretty-json.ts'

/** What somebody sent: the text, and the document made from it, which is shown if another is stored. */
export interface Mine {
  readonly text: string
  readonly document?: DocumentPreview | undefined
}

/** The document was saved or removed while somebody edited it, or wanted to remove it (without `mine`). */
export async function conflictPage(
  opened: Opened,
  current: DocumentPreview | undefined,
  mine: Mine | undefined,
): Promise<Html> {
  const main = mine
    ? await savedMeanwhile(opened, current, mine)
    : await notRemoved(opened, current)
  return documentLayout(opened, 'Changed meanwhile', main)
}

async function savedMeanwhile(
  opened: Opened,
  current: DocumentPreview | undefined,
  { text, document }: Mine,
): Promise<Html> {
  const back = cardAddress(opened.id, opened.place)
  const [keep, overwrite] = current
    ? ['Keep theirs', 'Overwrite with mine']
    : ['Keep it deleted', 'Store mine again']
  return html`${alert(`Someone else ${current ? 'saved' : 'deleted'} this document while you were editing. Nothing of yours is lost.`)}
${current && document && (await difference(opened.id, current, document))}
${await editForm(opened, current?.etag ?? '', text, {
  label: 'Yours, not saved yet',
  isUnsaved: true,
  above: html`<a href="${back}" class="button equal">${keep}</a>
<button name="do" value="save" class="equal">${overwrite}</button>`,
})}`
}

async function notRemoved(opened: Opened, current: DocumentPreview | undefined): Promise<Html> {
  const { id, place } = opened
  const shown = current && (await prettyHtml(current.json, shownLength))
  return html`${alert('Someone else saved this document after you opened it. Nothing was deleted.')}
<form method="post" action="${documentAddress(id, place)}" class="document">
<h2 id="theirs">Theirs, stored now</h2>
<pre class="shown" tabindex="0" role="group" aria-labelledby="theirs"><code>${preformatted(shown?.lines ?? [])}</code></pre>
${current && !(shown?.whole && current.whole) && truncationNotice(id, current)}
${removalButtons(opened, current?.etag ?? '', 'Delete it anyway', 'Keep theirs')}
</form>`
}

const alert = (words: string) => html`<div class="fault" role="alert"><p>${words}</p></div>`

/** Both documents as one text in which the lines that only one of them has are marked. */
async function difference(id: string, current: DocumentPreview, mine: DocumentPreview) {
  const theirs = await prettyHtml(current.json, shownLength)
  const own = await prettyHtml(mine.json, shownLength)
  const runs = await diffLines(theirs.lines, own.lines)
  const { text, whole } = await markedLines(runs)
  return html`<section aria-labelledby="difference"><h2 id="difference">What differs</h2>
${
  runs.every(({ of }) => of === 'both')
    ? html`<p>Nothing: both are the same.</p>`
    : html`<p class="legend"><del>- theirs, stored now</del> <ins>+ yours, not saved</ins> <span>unmarked lines are in both</span></p>
<pre class="shown diff" tabindex="0" role="group" aria-labelledby="difference"><code>${trustedHtml(text)}</code></pre>`
}
${!(whole && theirs.whole && own.whole && current.whole) && truncationNotice(id, current)}</section>`
}

// Equal lines that are shown on each side of a different one.
const context = 3

/** The different lines and those around them, in at most `shownLength` characters of markup. */
async function markedLines(runs: readonly Run[]): Promise<{ text: string; whole: boolean }> {
  let text = ''
  for (const [index, { of, lines }] of runs.entries()) {
    const before = index === 0 ? 0 : context
    const end = lines.length - (index === runs.length - 1 ? 0 : context)
    const isFolded = of === 'both' && end - before > 1
    for (let at = 0; at < lines.length; at++) {
      if (text.length > shownLength) return { text, whole: false }
      if (isFolded && at === before) {
        text += `<em>${(end - before).toLocaleString('en-GB')} equal lines</em>\n`
        at = end
      }
      if (at < lines.length) text += marked(of, lines[at] ?? '')
      if (at % linesPerPiece === 0) await nextPiece()
    }
  }
  return { text, whole: true }
}

// Lines that are marked in one turn of the event loop, in 1 ms at most.
const linesPerPiece = 5000

function marked(of: Run['of'], line: string): string {
  if (of === 'both') return `  ${line}\n`
  return of === 'theirs' ? `<del>- ${line}\n</del>` : `<ins>+ ${line}\n</ins>`
}
