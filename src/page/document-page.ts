// The page of one document: its text to edit, and both versions where somebody else was faster.
import { hostname } from 'node:os'
import type { Problem } from '../http/problem.ts'
import { documentField, faultOf } from './document-field.ts'
import { documentPage } from './document-list.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { prettyHtml, prettyJson } from './pretty-json.ts'
import { removal } from './removal.ts'
import { jsonOf, type StoredDocument } from './stored-document.ts'

// A text area of more is no help to anybody, and a form has to carry it twice.
const editableBytes = 1 << 20

const frame = (title: string, main: Html): Html =>
  layout({
    title: `${title} - Data service`,
    main: html`<header><p><a href="/">Data service</a></p>
<p class="served">Answered by <b id="pod">${hostname()}</b></p></header>
${main}`,
  })

const heading = (id: string) => html`<h1 class="document-title">Document <code>${id}</code></h1>`

/** The document with its text to edit; after a failure the text as it was sent. */
export function editPage(
  id: string,
  stored: StoredDocument,
  draft?: { readonly text: string; readonly problem: Problem },
): Html {
  const { json, bytes } = jsonOf(stored, editableBytes)
  const editable = bytes <= editableBytes
  const form = editable
    ? editForm(id, stored.etag, draft?.text ?? prettyJson(json), draft?.problem)
    : html`<p>It has ${bytes.toLocaleString('en-GB')} bytes, too many for this page.
<code>PUT ${`/data/${encodeURIComponent(id)}`}</code> replaces it.</p>`
  return frame(
    id,
    html`${heading(id)}
<p class="facts">Entity tag <code>${stored.etag}</code> <a href="/data/${encodeURIComponent(id)}">JSON</a></p>
${form}
${removal(id, stored.etag)}`,
  )
}

/** Somebody changed or removed the document in the meantime: shows what is there now and what was sent. */
export function conflictPage(
  id: string,
  current: StoredDocument | undefined,
  mine: string | undefined,
): Html {
  const { json } = current ? jsonOf(current, editableBytes) : { json: '' }
  const ownLines = new Set(mine?.split('\n').map((line) => line.trim()))
  const isOther = (line: string) => mine !== undefined && !ownLines.has(line.trim())
  const now = current
    ? html`<pre>${prettyHtml(json, isOther)}</pre>`
    : html`<p class="empty">Nothing: somebody removed it.</p>`
  const own =
    mine === undefined
      ? removal(id, current?.etag ?? '')
      : editForm(id, current?.etag ?? '', mine, undefined, 'Save mine over it')
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

/** There is no such document, or the store does not say. */
export const problemPage = (id: string, problem: Problem): Html =>
  frame(
    'No document',
    html`${heading(id)}
${faultOf(problem)}
<p><a href="/">To the newest documents</a></p>`,
  )

const editForm = (
  id: string,
  etag: string,
  text: string,
  problem: Problem | undefined,
  button = 'Save',
) => html`<form method="post" action="${documentPage(id)}" class="document">
<input type="hidden" name="etag" value="${etag}">
${documentField({ label: 'JSON', text, problem })}
<div class="actions"><button name="do" value="save" class="primary">${button}</button></div>
</form>`
