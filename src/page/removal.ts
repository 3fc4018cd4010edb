// The button that removes a document, after a question that needs no JavaScript.
import { type Html, html, shortened } from './html.ts'

/** Removes the document only if it still has this entity tag. */
export const removal = (id: string, etag: string): Html => html`<details class="remove">
<summary class="remove-head" aria-label="Delete ${shortened(id)}">Delete</summary>
<form method="post" action="/page/documents/${encodeURIComponent(id)}">
<input type="hidden" name="etag" value="${etag}">
<button name="do" value="remove" class="danger">Delete for good</button>
</form>
</details>`
