// The question before a document is removed: a page of its own, of which the browser's module makes a dialog.
import { cardAddress, documentAddress } from './addresses.ts'
import type { Opened } from './document-page.ts'
import type { DocumentPreview } from './document-preview.ts'
import { abbreviateText, type Html, html } from './html.ts'
import { documentLayout } from './layout.ts'
import { preformatted, prettyHtml } from './pretty-json.ts'

// Characters of markup, enough to recognise the document.
const shownLength = 4 * 1024

/** Names the document, shows its beginning, and asks. */
export async function removalPage({ id, place }: Opened, stored: DocumentPreview): Promise<Html> {
  const back = cardAddress(id, place)
  const { lines, whole } = await prettyHtml(stored.json, shownLength)
  return documentLayout(
    id,
    `Delete ${abbreviateText(id)}`,
    back,
    html`<form method="post" action="${documentAddress(id, place)}" class="removal document">
<h2 id="question">Delete <code>${abbreviateText(id)}</code> for good?</h2>
<pre class="shown" tabindex="0" role="group" aria-label="The document"><code>${preformatted(lines)}${whole && stored.whole ? html`` : html`\n...`}</code></pre>
${removalButtons(stored.etag, back, 'Delete for good', 'Cancel')}
</form>`,
  )
}

/** The two ways on. It is removed only if it still has this entity tag. */
export const removalButtons = (
  etag: string,
  back: string,
  remove: string,
  keep: string,
): Html => html`<input type="hidden" name="etag" value="${etag}">
<div class="actions"><button name="do" value="remove" class="danger">${remove}</button>
<a href="${back}" class="button">${keep}</a></div>`
