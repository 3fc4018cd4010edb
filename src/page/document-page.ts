// The page of one document: its text to edit, and both versions where somebody else was faster.
import { hostname } from 'node:os'
import { nextPiece } from '../fair-turns.ts'
import type { Problem } from '../http/problem.ts'
import { documentField, faultOf } from './document-field.ts'
import { documentPage } from './document-list.ts'
import { encodedLength } from './form-fields.ts'
import { type Html, html, shortened } from './html.ts'
import { layout } from './layout.ts'
import { prettyHtml, prettyJson } from './pretty-json.ts'
import { removal } from './removal.ts'
import type { StoredDocument } from './stored-document.ts'

/** Bytes of the JSON of a document that its page shows: no more can be edited. */
export const shownBytes = 256 * 1024
// Characters of its markup: all of what can be edited, unless it is little but numbers.
const shownLength = 1 << 20
// The fields of the form beside the text: their names, the entity tag, the button.
const otherFields = 128

const frame = (title: string, main: Html): Html =>
  layout({
    title: `${title} - Data service`,
    main: html`<header><p><a href="/">Data service</a></p>
<p class="served">Answered by <b id="pod">${hostname()}</b></p></header>
${main}`,
  })

const heading = (id: string) =>
  html`<h1 class="document-title">Document <code>${shortened(id)}</code></h1>`

const dataPath = (id: string) => `/data/${encodeURIComponent(id)}`

const bytesOf = ({ bytes }: StoredDocument) => bytes.toLocaleString('en-GB')

/**
 * The document with its text to edit, if a form of `formLimit` bytes can hold that; after a failure the
 * text as it was sent.
 */
export async function editPage(
  id: string,
  stored: StoredDocument,
  formLimit: number,
  draft?: { readonly text: string; readonly problem: Problem },
): Promise<Html> {
  const text = draft?.text ?? (await editableText(stored, formLimit))
  const form =
    text === undefined
      ? html`<p>It has ${bytesOf(stored)} bytes, too many for this page.
<code>PUT ${dataPath(id)}</code> replaces it.</p>
${await shownDocument(id, stored)}`
      : await editForm(id, stored.etag, text, draft?.problem)
  return frame(
    shortened(id),
    html`${heading(id)}
<p class="facts">Entity tag <code>${stored.etag}</code> <a href="${dataPath(id)}">JSON</a></p>
${form}
${removal(id, stored.etag)}`,
  )
}

/** The text that the form begins with; undefined if it would be too long to send. */
async function editableText({ json, whole }: StoredDocument, formLimit: number) {
  const text = whole ? await prettyJson(json, formLimit) : undefined
  if (text === undefined || encodedLength(text) + otherFields > formLimit) return undefined
  return text
}

async function shownDocument(
  id: string,
  stored: StoredDocument,
  isOther?: (line: string) => boolean,
): Promise<Html> {
  const { html: shown, whole } = await prettyHtml(stored.json, shownLength, isOther)
  const rest =
    whole && stored.whole
      ? html``
      : html`<p>The rest is left out: it has ${bytesOf(stored)} bytes in all. <a href="${dataPath(id)}">All of it as JSON</a></p>`
  return html`<pre>${shown}</pre>${rest}`
}

/** Somebody changed or removed the document in the meantime: shows what is there now and what was sent. */
export async function conflictPage(
  id: string,
  current: StoredDocument | undefined,
  mine: string | undefined,
): Promise<Html> {
  const ownLines = mine === undefined ? undefined : await linesOf(mine)
  const isOther = ownLines && ((line: string) => !ownLines.has(line.trim()))
  const now = current
    ? await shownDocument(id, current, isOther)
    : html`<p class="empty">Nothing: somebody removed it.</p>`
  const own =
    mine === undefined
      ? removal(id, current?.etag ?? '')
      : await editForm(id, current?.etag ?? '', mine, undefined, 'Save mine over it')
  return frame(
    'Changed meanwhile',
    html`${heading(id)}
<div class="fault" role="alert"><p><strong>Somebody else was faster.</strong> The document is not the one that you opened any more, so nothing was written. Both versions are below.</p></div>
<div class="versions">
<section aria-labelledby="now"><h2 id="now">Stored now</h2>
${now}
<p><a href="${current ? documentPage(id) : '/'}">Keep this one</a></p></section>
<section aria-labelledby="mine"><h2 id="mine">${mine === undefined ? 'Delete it all the same' : 'Yours, not saved'}</h2>
${own}</section>
</div>`,
  )
}

// Lines that are put into the set in one turn of the event loop, in 2 ms at most.
const linesPerPiece = 5000

/** The different lines of a text, without their indentation. */
async function linesOf(text: string): Promise<ReadonlySet<string>> {
  const lines = new Set<string>()
  let count = 0
  for (let at = 0; at <= text.length; ) {
    const end = text.indexOf('\n', at)
    lines.add(text.slice(at, end < 0 ? text.length : end).trim())
    if (++count % linesPerPiece === 0) await nextPiece()
    if (end < 0) break
    at = end + 1
  }
  return lines
}

/** There is no such document, or the store does not say. */
export const problemPage = (id: string, problem: Problem): Html =>
  frame(
    'No document',
    html`${heading(id)}
${faultOf(problem)}
<p><a href="/">To the newest documents</a></p>`,
  )

const editForm = async (
  id: string,
  etag: string,
  text: string,
  problem: Problem | undefined,
  button = 'Save',
) => html`<form method="post" action="${documentPage(id)}" class="document">
<input type="hidden" name="etag" value="${etag}">
${await documentField({ label: 'JSON', text, problem })}
<div class="actions"><button name="do" value="save" class="primary">${button}</button></div>
</form>`
