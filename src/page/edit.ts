// The handlers of a document's pages: they show it, save a new version, ask before removing it, and remove it.
import { idFromPath } from '../codec/document-id.ts'
import { DocumentParser } from '../codec/document-parser.ts'
import { type DocumentText, textOfBson } from '../codec/document-text.ts'
import { testTag } from '../documents/etag.ts'
import { putDocument } from '../documents/put-document.ts'
import { absentDocument, orStoreProblem } from '../documents/store-problem.ts'
import type { BodyLimits } from '../http/body.ts'
import { type Exchange, sendEmpty } from '../http/exchange.ts'
import { orProblem, Problem } from '../http/problem.ts'
import { quoted } from '../shown-text.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { addressAfterChange, documentAddress, listPosition } from './addresses.ts'
import { conflictPage, type Mine } from './conflict-page.ts'
import { draftPage, editPage, problemPage, removalPage, shownBytes } from './document-page.ts'
import { type DocumentPreview, previewDocument } from './document-preview.ts'
import { documentText, expectField, formLimit, invalidForm, withForm } from './form.ts'
import type { Html } from './html.ts'
import type { Opened } from './layout.ts'
import { makePage, sendPage } from './send-page.ts'

/** Leads from the box for an _id to the page of that document, and if it is empty to the list. */
export function redirectToDocument(exchange: Exchange): void {
  const id = exchange.query.get('id') ?? ''
  // A path that ends with a dot leads elsewhere.
  const address = id === '' ? '/' : documentAddress(/^\.\.?$/.test(id) ? JSON.stringify(id) : id)
  sendEmpty(exchange, 303, { Location: address })
}

/** Shows the document with its text to edit. */
export const showHandler = (store: DocumentStore, limits: BodyLimits) =>
  pageHandler(store, (opened, stored) => editPage(opened, stored, formLimit(limits)))

/** Asks whether the document is to be removed. */
export const confirmRemovalHandler = (store: DocumentStore) => pageHandler(store, removalPage)

type PageOf = (opened: Opened, stored: DocumentPreview) => Promise<Html>

const pageHandler = (store: DocumentStore, page: PageOf) => (exchange: Exchange) =>
  orProblemPage(exchange, (opened) =>
    makePage(exchange, async () => {
      const stored = await find(store, opened.id)
      if (!stored) throw absentDocument(opened.id)
      await sendPage(exchange, 200, () => page(opened, stored))
    }),
  )

/** Saves or removes, if the document still is what the form's hidden entity tag says. */
export function changeHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()

  const save = async (exchange: Exchange, opened: Opened, etag: string, text: string) => {
    const { id } = opened
    const put = await orProblem(
      putDocument(store, { parser, id, json: Buffer.from(text), condition: stillIs(etag) }),
    )
    if (!(put instanceof Problem)) {
      if (put.result !== 'precondition failed') return leadTo(exchange, 'saved', opened)
      const document = put.document && (await previewDocument(textOfBson(put.document), shownBytes))
      return conflict(exchange, opened, { text, document })
    }
    exchange.code = put.code
    await makePage(exchange, async () => {
      const stored = await orProblem(find(store, id))
      if (!stored) return sendPage(exchange, 412, () => conflictPage(opened, undefined, { text }))
      // The tag remains that of the version that was opened, not of the one that is stored by now.
      const page = () => draftPage(opened, etag, { text, problem: put })
      await sendPage(exchange, put.status, page, put.headers)
    })
  }

  const remove = async (exchange: Exchange, opened: Opened, etag: string) => {
    // If it is gone already, that is what the visitor wanted.
    const wanted = (current?: DocumentText) => current === undefined || stillIs(etag)(current)
    const result = await orStoreProblem(store.remove(opened.id, wanted))
    if (result === 'precondition failed') return conflict(exchange, opened, undefined)
    leadTo(exchange, 'removed', opened)
  }

  const conflict = (exchange: Exchange, opened: Opened, mine: Mine | undefined) => {
    exchange.code = 'precondition_failed'
    return makePage(exchange, async () => {
      const current = await find(store, opened.id)
      await sendPage(exchange, 412, () => conflictPage(opened, current, mine))
    })
  }

  return (exchange: Exchange): Promise<void> =>
    withForm(exchange, limits, ['etag', 'document', 'do'], async (fields) => {
      const { etag, text } = changeOf(fields)
      await orProblemPage(exchange, (opened) =>
        text === undefined ? remove(exchange, opened, etag) : save(exchange, opened, etag, text),
      )
    })
}

const longestTag = 100

/** What the form asks for: to save this text, or without a text to remove the document. */
function changeOf(fields: ReadonlyMap<string, string>) {
  const etag = expectField(fields, 'etag')
  // The page shows it again.
  if (etag.length > longestTag) throw invalidForm('Its field etag is not an entity tag.')
  const action = expectField(fields, 'do')
  if (action === 'save') return { etag, text: documentText(fields) }
  if (action !== 'remove')
    throw invalidForm(`Its field do is ${quoted(action)}, not save or remove.`)
  if (fields.has('document')) throw invalidForm('It removes, and has a document.')
  return { etag, text: undefined }
}

/** An empty tag stands for no document: somebody removed it, and the visitor puts it back. */
const stillIs = (etag: string) => (current: DocumentText | undefined) =>
  testTag(current, (now = '') => now === etag)

const leadTo = (exchange: Exchange, done: 'saved' | 'removed', { id, place }: Opened) =>
  sendEmpty(exchange, 303, { Location: addressAfterChange(done, id, place) })

const find = (store: DocumentStore, id: string): Promise<DocumentPreview | undefined> =>
  orStoreProblem(store.read(id, (text) => text && previewDocument(text, shownBytes)))

async function orProblemPage(exchange: Exchange, work: (opened: Opened) => Promise<void>) {
  const opened = {
    id: idFromPath(exchange.id),
    place: listPosition((name) => exchange.query.get(name)),
  }
  try {
    await work(opened)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    exchange.code = error.code
    await sendPage(exchange, error.status, () => problemPage(opened, error), error.headers)
  }
}
