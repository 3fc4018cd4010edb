// GET and POST /page/documents/{id}: shows one document, saves a new version of it, removes it.
import { idFromPath } from '../codec/document-id.ts'
import { DocumentParser } from '../codec/document-parser.ts'
import type { DocumentText } from '../codec/document-text.ts'
import { whenTagged } from '../documents/etag.ts'
import { putDocument } from '../documents/put-document.ts'
import { fromStore } from '../documents/store-problem.ts'
import type { BodyLimits } from '../http/body.ts'
import { type Exchange, sendEmpty } from '../http/exchange.ts'
import { Problem } from '../http/problem.ts'
import { quoted } from '../quoted.ts'
import type { DocumentStore } from '../store/document-store.ts'
import { conflictPage, editPage, problemPage, shownBytes } from './document-page.ts'
import { formLimit, textOf, withForm } from './form.ts'
import { fieldOf, invalidForm } from './form-fields.ts'
import { makePage, sendPage } from './send-page.ts'
import { type StoredDocument, storedDocument } from './stored-document.ts'

/** Shows the document with its text to edit. */
export function showHandler(store: DocumentStore, limits: BodyLimits) {
  return async (exchange: Exchange): Promise<void> => {
    const id = idFromPath(exchange.id)
    const limit = formLimit(limits)
    await orProblemPage(exchange, id, () =>
      makePage(exchange, async () => {
        const stored = await find(store, id)
        if (!stored) throw absent(id)
        await sendPage(exchange, 200, () => editPage(id, stored, limit))
      }),
    )
  }
}

/** Saves or removes, if the document still is what the form's hidden entity tag says. */
export function changeHandler(store: DocumentStore, limits: BodyLimits) {
  const parser = new DocumentParser()

  const save = async (exchange: Exchange, id: string, etag: string, text: string) => {
    const result = await attempt(async () => {
      const json = Buffer.from(text)
      return (await putDocument(store, { parser, id, json, condition: stillIs(etag) })).result
    })
    if (result === 'precondition failed') return conflict(exchange, id, text)
    if (!(result instanceof Problem)) return leadTo(exchange, 'saved', id)
    exchange.code = result.code
    await makePage(exchange, async () => {
      const stored = await find(store, id)
      if (!stored) return sendPage(exchange, 412, () => conflictPage(id, undefined, text))
      // The tag stays that of the version which was opened, not of the one that is there by now.
      const draft = { text, problem: result }
      const page = () => editPage(id, { ...stored, etag }, formLimit(limits), draft)
      await sendPage(exchange, result.status, page, result.headers)
    })
  }

  const remove = async (exchange: Exchange, id: string, etag: string) => {
    // One that is gone already is what the visitor wanted.
    const wanted = (current?: DocumentText) => current === undefined || stillIs(etag)(current)
    const result = await fromStore(store.remove(id, wanted))
    if (result === 'precondition failed') return conflict(exchange, id, undefined)
    leadTo(exchange, 'removed', id)
  }

  const conflict = (exchange: Exchange, id: string, mine: string | undefined) => {
    exchange.code = 'precondition_failed'
    return makePage(exchange, async () => {
      const current = await find(store, id)
      await sendPage(exchange, 412, () => conflictPage(id, current, mine))
    })
  }

  return (exchange: Exchange): Promise<void> =>
    withForm(exchange, limits, ['etag', 'document', 'do'], async (fields) => {
      const id = idFromPath(exchange.id)
      const { etag, text } = changeOf(fields)
      await orProblemPage(exchange, id, async () => {
        if (text === undefined) await remove(exchange, id, etag)
        else await save(exchange, id, etag, text)
      })
    })
}

const longestTag = 100

/** What the form asks for: to save this text, or without one to remove the document. */
function changeOf(fields: ReadonlyMap<string, string>) {
  const etag = fieldOf(fields, 'etag')
  // The page shows it again.
  if (etag.length > longestTag) throw invalidForm('Its field etag is not an entity tag.')
  const action = fieldOf(fields, 'do')
  if (action === 'save') return { etag, text: textOf(fields) }
  if (action !== 'remove')
    throw invalidForm(`Its field do is ${quoted(action)}, not save or remove.`)
  if (fields.has('document')) throw invalidForm('It removes, and has a document.')
  return { etag, text: undefined }
}

/** An empty tag stands for no document: somebody removed it, and the visitor puts it back. */
const stillIs = (etag: string) => (current: DocumentText | undefined) =>
  whenTagged(current, (now = '') => now === etag)

const leadTo = (exchange: Exchange, done: string, id: string) =>
  sendEmpty(exchange, 303, ['Location', `/?${done}=${encodeURIComponent(id)}`])

const find = (store: DocumentStore, id: string): Promise<StoredDocument | undefined> =>
  fromStore(store.read(id, (text) => text && storedDocument(text, shownBytes)))

async function attempt<T>(work: () => Promise<T>): Promise<T | Problem> {
  try {
    return await fromStore(work())
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

async function orProblemPage(exchange: Exchange, id: string, work: () => Promise<void>) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    exchange.code = error.code
    await sendPage(exchange, error.status, () => problemPage(id, error), error.headers)
  }
}

const absent = (id: string) =>
  new Problem('not_found', `There is no document with the _id ${quoted(id)}.`)
