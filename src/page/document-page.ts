// The pages of one document: its text to edit, and the question before its removal.
import type { Problem } from '../http/problem.ts'
import { cardAddress, dataPath, documentAddress, removalAddress } from './addresses.ts'
import { documentField, renderFault } from './document-field.ts'
import type { DocumentPreview } from './document-preview.ts'
import { encodedLength } from './form.ts'
import { abbreviateText, type Html, html } from './html.ts'
import { documentLayout, type Opened } from './layout.ts'
import { preformatted, prettyHtml, prettyJson } from './pretty-json.ts'

/** Bytes of a document's JSON that its page shows: no more than that can be edited. */
export const shownBytes = 256 * 1024
/** Characters of its markup: enough for all that can be edited, unless it is mostly numbers. */
export const shownLength = 1 << 20
// The fields of the form beside the text: their names, the entity tag, the button.
const otherFields = 128

/** The text that somebody sent, and why it was not stored. */
export interface Draft {
  readonly text: string
  readonly problem: Problem
}

/** The document with its text to edit, if a form of `formLimit` bytes can hold that. */
export async function editPage(
  opened: Opened,
  stored: DocumentPreview,
  formLimit: number,
): Promise<Html> {
  const text = await editableText(stored, formLimit)
  const main =
    text === undefined
      ? html`<p>It has ${bytesOf(stored)} bytes, too many for this page.
<code>PUT ${dataPath(opened.id)}</code> replaces it.</p>
${await shownDocument(opened.id, stored)}`
      : await saveForm(opened, stored.etag, text)
  return openedPage(opened, stored.etag, main)
}

/** The text as it was sent, and why it was not stored over the version with this entity tag. */
export const draftPage = async (opened: Opened, etag: string, draft: Draft): Promise<Html> =>
  openedPage(opened, etag, await saveForm(opened, etag, draft.text, draft.problem))

const openedPage = (opened: Opened, etag: string, main: Html): Html =>
  documentLayout(
    opened,
    abbreviateText(opened.id),
    html`<p class="facts">Entity tag <code>${etag}</code>
<span class="actions"><a href="${dataPath(opened.id)}">JSON</a>
<a href="${removalAddress(opened.id, opened.place)}" class="delete">Delete</a></span></p>
${main}`,
  )

const saveForm = (opened: Opened, etag: string, text: string, problem?: Problem) =>
  editForm(opened, etag, text, {
    problem,
    below: html`<button name="do" value="save" class="primary">Save</button>
<a href="${cardAddress(opened.id, opened.place)}" class="button">Cancel</a>`,
  })

/** The text that the form begins with; undefined if it would be too long to send. */
async function editableText({ json, whole }: DocumentPreview, formLimit: number) {
  const text = whole ? await prettyJson(json, formLimit) : undefined
  if (text === undefined || encodedLength(text) + otherFields > formLimit) return undefined
  return text
}

async function shownDocument(id: string, stored: DocumentPreview): Promise<Html> {
  const { lines, whole } = await prettyHtml(stored.json, shownLength)
  return html`<pre class="shown" tabindex="0" role="group" aria-label="The document"><code>${preformatted(lines)}</code></pre>
${!(whole && stored.whole) && truncationNotice(id, stored)}`
}

const bytesOf = ({ bytes }: DocumentPreview) => bytes.toLocaleString('en-GB')

/** What is said of a document of which only the first lines are shown. */
export const truncationNotice = (id: string, stored: DocumentPreview): Html =>
  html`<p>The rest is left out: it has ${bytesOf(stored)} bytes in all. <a href="${dataPath(id)}">All of it as JSON</a></p>`

interface EditForm {
  readonly label?: string
  readonly problem?: Problem | undefined
  /** The buttons above the text, and those below. */
  readonly above?: Html
  readonly below?: Html
  /** Whether the text is stored nowhere. */
  readonly isUnsaved?: boolean
}

/**
 * The form that saves the document if it still has this entity tag. After Back a browser fills in what was typed, but
 * takes the tag from the page: name and fragment make it another form for each version.
 */
export const editForm = async (
  { id, place }: Opened,
  etag: string,
  text: string,
  { label = 'JSON', problem, above, below, isUnsaved = problem !== undefined }: EditForm,
): Promise<Html> => html`<form method="post" action="${documentAddress(id, place)}#${encodeURIComponent(etag)}" name="of ${etag}" class="document">
<input type="hidden" name="etag" value="${etag}">
${buttonsIn(above)}
${await documentField({ label, text, problem, isUnsaved })}
${buttonsIn(below)}
</form>`

const buttonsIn = (buttons: Html | undefined) =>
  buttons && html`<div class="actions">${buttons}</div>`

/** The document does not exist, or the store does not answer. */
export const problemPage = (opened: Opened, problem: Problem): Html =>
  documentLayout(opened, 'No document', renderFault(problem))

// Characters of markup, enough to recognise the document.
const recognisedLength = 4 * 1024

/** Names the document, shows its beginning, and asks. */
export async function removalPage(opened: Opened, stored: DocumentPreview): Promise<Html> {
  const { id, place } = opened
  const { lines, whole } = await prettyHtml(stored.json, recognisedLength)
  return documentLayout(
    opened,
    `Delete ${abbreviateText(id)}`,
    html`<form method="post" action="${documentAddress(id, place)}" class="removal document">
<h2 id="question">Delete <code>${abbreviateText(id)}</code> for good?</h2>
<pre class="shown" tabindex="0" role="group" aria-label="The document"><code>${preformatted(lines)}${!(whole && stored.whole) && html`\n...`}</code></pre>
${removalButtons(opened, stored.etag, 'Delete for good', 'Cancel')}
</form>`,
  )
}

/** The two choices. The document is removed only if it still has this entity tag. */
export const removalButtons = (
  { id, place }: Opened,
  etag: string,
  remove: string,
  keep: string,
): Html => html`<input type="hidden" name="etag" value="${etag}">
<div class="actions"><button name="do" value="remove" class="danger">${remove}</button>
<a href="${cardAddress(id, place)}" class="button">${keep}</a></div>`
